"""From what speaks for a span to the probability that it is the right answer."""

import json
import math
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path

from corpus.errors import UnusableModelError
from qa.result import Form

__all__ = ["Calibration", "Evidence"]

_FILE = "calibration.json"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a span: its log-odds against no answer from the reader, its passage's
    score from the retriever, and the share of what was asked about that its sentence has."""

    score: float
    relevance: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression over Evidence, another over its odds where whole sentences answer, and
    the threshold under which an answer is withheld.

    It belongs to a reader and lies beside its weights; ``qa/calibration.py`` fits it.
    Platt, "Probabilistic outputs for support vector machines" (1999).
    """

    bias: float
    score: float
    relevance: float
    coverage: float
    threshold: float
    sentence_bias: float = 0.0
    sentence_odds: float = 1.0  # of a span, by what they are multiplied for its sentence

    @classmethod
    def beside(cls, *folders: str | Path) -> "Calibration":
        """That of the first of these folders which has one.

        Raises UnusableModelError if it cannot be read or none is there.
        """
        for folder in folders:
            file = Path(folder) / _FILE
            if not file.is_file():
                continue
            try:
                found = json.loads(file.read_text(encoding="utf-8"))
                given = [f.name for f in fields(cls) if f.default is MISSING or f.name in found]
                ours = cls(**{name: float(found[name]) for name in given})
                if (
                    not all(map(math.isfinite, asdict(ours).values()))
                    or not 0 <= ours.threshold <= 1
                ):
                    raise ValueError("a number that is out of range")
                return ours
            except (
                OSError,
                ValueError,
                KeyError,
                TypeError,
                OverflowError,
                RecursionError,
            ) as error:
                names = ", ".join(f.name for f in fields(cls) if f.default is MISSING)
                raise UnusableModelError(
                    f"{file}: cannot be read ({type(error).__name__}: {error}); "
                    f"expected a JSON object with the numbers {names}"
                ) from error
        raise UnusableModelError(f"no {_FILE} in {' or '.join(map(str, folders))}")

    def save(self, folder: Path, about: dict[str, object]) -> None:
        """Write it into a folder, with what it was made from and how good it is."""
        text = json.dumps(asdict(self) | about, indent=1)
        (folder / _FILE).write_text(text + "\n", encoding="utf-8")

    def odds(self, evidence: Evidence) -> float:
        """The log-odds that a span with this evidence is the right answer."""
        return (
            self.bias
            + self.score * evidence.score
            + self.relevance * evidence.relevance
            + self.coverage * evidence.coverage
        )

    def probability(self, evidence: Evidence) -> float:
        """The probability (0 to 1) that a span with this evidence is the right answer."""
        return 1 / (1 + math.exp(-max(-700.0, self.odds(evidence))))

    def for_form(self, form: Form) -> "Calibration":
        """The one for answers of this form. Where whole sentences answer, the probability is that
        the sentence of a span does: the reader is less sure of the words than of their sentence."""
        if form not in ("sentences", "evidence"):
            return self
        times = self.sentence_odds
        return replace(
            self, bias=self.sentence_bias + times * self.bias, score=times * self.score,
            relevance=times * self.relevance, coverage=times * self.coverage,
        )  # fmt: skip
