"""How follow-up questions are resolved, against people's own rewriting of them.

``python -m qa.benchmarks.followups canard-dev.json`` takes CANARD's files: Elgohary, Peskov
and Boyd-Graber, "Can You Unpack That? Learning to Rewrite Questions-in-Context" (2019).
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from corpus.errors import CorpusError
from qa.console import reporting
from qa.followup import Turn, resolved
from qa.metrics import score

__all__ = ["figures"]


def figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Token F1 (percent) with people's rewriting, of the questions as they are and as resolved;
    shares of those that are changed, and of those that stand alone and are left alone.

    Each conversation begins with the title of the page that it is about. What was
    resolved earlier in it is what later questions are resolved with.
    """
    understood: dict[str, list[str]] = defaultdict(list)
    found, copied, changed, better, worse, alone, kept = (0.0, 0.0, 0, 0, 0, 0, 0)
    for row in rows:
        title, _, *said = row["History"]
        before = understood[row["QuAC_dialog_id"]]
        turns = [Turn(title), *map(Turn, before, said[1::2])]
        question, human = row["Question"], row["Rewrite"]
        ours = resolved(question, turns)
        before.append(ours)
        got, plain = score(ours, [human])[1], score(question, [human])[1]
        found, copied = found + got, copied + plain
        touched = _words(ours) != _words(question)
        changed, better, worse = changed + touched, better + (got > plain), worse + (got < plain)
        if _words(question) == _words(human):
            alone, kept = alone + 1, kept + (not touched)
    count = max(1, len(rows)) / 100
    return {
        "questions": len(rows),
        "f1": found / count,
        "f1_as_asked": copied / count,
        "changed": changed / count,
        "nearer_to_people": better / count,
        "further_from_people": worse / count,
        "standing_alone": alone,
        "of_these_left_alone": 100 * kept / max(1, alone),
    }


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@reporting
def main(file: Path) -> None:
    """Measure on FILE, of CANARD's form: a list of History, Question and Rewrite."""
    try:
        found = figures(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{file}: not a file of CANARD's form ({error!r})") from error
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' '):<22}{value:8.1f}")


if __name__ == "__main__":
    main()
