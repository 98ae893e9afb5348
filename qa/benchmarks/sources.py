"""Several sources: what is shown of what they say, and whether disagreements are told apart.

``python -m qa.benchmarks.sources ramdocs-dev.jsonl`` takes RAMDocs, in which documents about
one question are right, misinformed or beside the point: Wang et al., "Retrieval-Augmented
Generation with Conflicting Evidence" (2025). With ``--pairs`` the file has pairs of articles
(``tests/data/disagreements.jsonl``) that give one fact differently, alike, or another fact.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from corpus.errors import CorpusError
from embeddings.encoder import Encoder, SentenceEncoder
from embeddings.selection import Selection
from qa.console import progress_bar, reader_option, reporting
from qa.reader import Reader, SpanReader
from qa.result import Answer
from qa.session import Quoth
from qa.text import normalized

__all__ = ["answered", "of_pairs", "of_ramdocs"]

Row = Mapping[str, Any]


def answered(
    rows: Sequence[Row], encoder: Encoder, reader: Reader, threshold: float | None = None
) -> Iterator[tuple[Row, Answer]]:
    """Each row's question, asked of this row's documents alone."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "documents.jsonl")
        with file.open("w", encoding="utf-8") as out:
            for number, row in enumerate(rows):
                for place, document in enumerate(_documents(row)):
                    out.write(json.dumps({**document, "id": f"{number}-{place}"}) + "\n")
        session = Quoth(
            file, index=Path(folder, "index"), encoder=encoder, reader=reader, threshold=threshold,
            forms=False,
        )  # fmt: skip
        for number, row in enumerate(rows):
            ids = tuple(f"{file.name}#{number}-{place}" for place in range(len(_documents(row))))
            yield row, session.answer(row["question"], where=Selection(articles=ids))


def _documents(row: Row) -> list[dict[str, Any]]:
    found = row.get("documents") or [row["a"], row["b"]]
    return [
        {key: document[key] for key in ("text", "publisher", "published") if key in document}
        for document in found
    ]


def of_ramdocs(answers: Sequence[tuple[Row, Answer]]) -> dict[str, float]:
    """Percentages: of the gold answers, those given first and those shown at all (by the answer
    and the disagreements); of the questions, those whose first answer is a wrong one.

    The plain alternative gives the single likeliest span and nothing beside it.
    """
    first, shown, wrong, alone, misled = 0.0, 0.0, 0, 0.0, 0
    for row, answer in answers:
        said = [answer.text or "", *(claim.text for claim in answer.disagreements)]
        single = answer.weighed[0].text if answer.found else ""
        gold, bad = row["gold_answers"], row["wrong_answers"]
        first += _share(gold, said[:1])
        shown += _share(gold, said)
        alone += _share(gold, [single])
        wrong += _misleads(said[0], gold, bad)
        misled += _misleads(single, gold, bad)
    count = max(1, len(answers)) / 100
    return {
        "questions": len(answers),
        "gold_first": first / count,
        "gold_shown": shown / count,
        "wrong_first": wrong / count,
        "gold_of_single_span": alone / count,
        "wrong_of_single_span": misled / count,
    }


def of_pairs(answers: Sequence[tuple[Row, Answer]]) -> dict[str, float]:
    """Precision and recall (percent) of the disagreements shown: right is one between two articles
    that differ, with the values of both; and the share of pairs alike that count as agreeing."""
    right = shown = differing = alike = agreed = 0
    for row, answer in answers:
        said = [answer.text or "", *(claim.text for claim in answer.disagreements)]
        both = all(_matches(row[key] or "", said) for key in ("answer_a", "answer_b"))
        differing += row["relation"] == "differ"
        shown += bool(answer.disagreements)
        right += bool(answer.disagreements) and row["relation"] == "differ" and both
        alike += row["relation"] == "same"
        agreed += row["relation"] == "same" and answer.support > 1
    return {
        "pairs": len(answers),
        "precision": 100 * right / max(1, shown),
        "recall": 100 * right / max(1, differing),
        "alike_and_agreed": 100 * agreed / max(1, alike),
    }


def _share(gold: Sequence[str], said: Sequence[str]) -> float:
    return sum(_matches(answer, said) for answer in gold) / max(1, len(gold))


def _misleads(said: str, gold: Sequence[str], bad: Sequence[str]) -> bool:
    return any(_matches(b, [said]) for b in bad) and not any(_matches(g, [said]) for g in gold)


def _matches(answer: str, said: Sequence[str]) -> bool:
    """Whether one of ``said`` is the answer, holds it, or is held by it, word for word."""
    wanted, *given = (f" {normalized(text.replace('-', ' '))} " for text in (answer, *said))
    return any(g.strip() and (g in wanted or (wanted.strip() and wanted in g)) for g in given)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pairs", is_flag=True, help="FILE has pairs of articles.")
@reader_option
@reporting
def main(file: Path, pairs: bool, reader: str | None) -> None:
    """Measure on FILE, one question with its documents a line."""
    wanted = (
        ("question", "relation", "answer_a", "answer_b", "a", "b")
        if pairs
        else ("question", "documents", "gold_answers", "wrong_answers")
    )
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    except (OSError, ValueError) as error:
        raise CorpusError(f"{file}: not a file of JSON lines ({error})") from error
    if not rows or not all(isinstance(row, dict) and row.keys() >= set(wanted) for row in rows):
        raise CorpusError(f"{file}: expected objects with {', '.join(wanted)} on every line")
    answers = []
    with progress_bar("Asking") as progress:
        for done in answered(rows, SentenceEncoder(), SpanReader(reader)):
            answers.append(done)
            if progress:
                progress(len(answers), len(rows), "")
    found = (of_pairs if pairs else of_ramdocs)(answers)
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' '):<22}{value:8.1f}")


if __name__ == "__main__":
    main()
