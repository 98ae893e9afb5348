"""From what speaks for a span to the probability that it is the right answer."""

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from corpus.errors import UnusableModelError

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
    """A logistic regression over Evidence, and the threshold under which an answer is withheld.

    It belongs to a reader and lies beside its weights; ``qa/calibration.py`` fits it.
    Platt, "Probabilistic outputs for support vector machines" (1999).
    """

    bias: float
    score: float
    relevance: float
    coverage: float
    threshold: float

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
                ours = cls(**{field.name: float(found[field.name]) for field in fields(cls)})
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
                names = ", ".join(field.name for field in fields(cls))
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
