"""Questions whose answers are known: SQuAD-format files and BEIR-format folders."""

import csv
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.characters import whole
from corpus.errors import CorpusError

__all__ = [
    "Judged",
    "Paragraph",
    "Question",
    "QuestionSet",
    "read_beir",
    "read_squad",
    "with_articles_gone",
]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text that questions were asked about, with its article's title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the answers that people gave, none if its paragraph does not answer it.

    ``paragraph`` counts in the set's paragraphs from 0; ``starts`` are the answers' offsets
    in that paragraph's text, as the file has them.
    """

    id: str
    text: str
    paragraph: int
    answers: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The questions of a file and the paragraphs that they were asked about, each once."""

    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A retrieval collection. ``relevant`` has for each query the grades of its documents."""

    documents: Mapping[str, Paragraph]
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]


def with_articles_gone(data: QuestionSet, share: float, seed: int = 0) -> QuestionSet:
    """The set as a corpus has it from which a ``share`` (0 to 1) of the articles was taken out, chosen
    at random: what is asked about those has no answer any more. An untitled paragraph is an article
    of its own; one article at least stays."""
    names = [paragraph.title or paragraph.text for paragraph in data.paragraphs]
    every = sorted(set(names))
    count = min(round(share * len(every)), len(every) - 1)
    gone = set(random.Random(seed).sample(every, count))
    left = [i for i, name in enumerate(names) if name not in gone]
    place = {paragraph: number for number, paragraph in enumerate(left)}
    return QuestionSet(
        tuple(data.paragraphs[i] for i in left),
        tuple(
            replace(question, paragraph=place[question.paragraph])
            if question.paragraph in place
            else replace(question, paragraph=-1, answers=(), starts=())
            for question in data.questions
        ),
    )


def read_squad(path: str | Path) -> QuestionSet:
    """The questions of a SQuAD 1.1 or 2.0 file. Raises CorpusError if it is not one."""
    paragraphs: dict[Paragraph, int] = {}
    questions: list[Question] = []
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))["data"]
        for article in data:
            title = str(article.get("title") or "").replace("_", " ")
            for item in article["paragraphs"]:
                paragraph = Paragraph(whole(title), _text(item, "context"))
                number = paragraphs.setdefault(paragraph, len(paragraphs))
                for qa in item["qas"]:
                    questions.append(_question(qa, number))
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        why = f"no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        raise CorpusError(
            f"{path}: not a SQuAD-format JSON file ({why}); "
            "expected data[] → paragraphs[] → context, qas[] → question, answers[]"
        ) from error
    if not questions:
        raise CorpusError(f"{path}: no questions in it")
    return QuestionSet(tuple(paragraphs), tuple(questions))


def _question(qa: Mapping[str, Any], paragraph: int) -> Question:
    answers = [] if qa.get("is_impossible") is True else qa.get("answers") or []
    return Question(
        str(qa.get("id", "")),
        _text(qa, "question"),
        paragraph,
        tuple(_text(answer, "text") for answer in answers),
        tuple(int(answer.get("answer_start", -1)) for answer in answers),
    )


def _text(item: Mapping[str, Any], key: str) -> str:
    if not isinstance(item[key], str):
        raise TypeError(f"a {key} that is not text")
    return whole(item[key])


def read_beir(folder: str | Path) -> Judged:
    """A folder of ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` (or ``qrels/test.tsv``).

    Thakur et al., "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information
    Retrieval Models" (2021). Raises CorpusError if one is missing or cannot be read.
    """
    folder = Path(folder)
    judgements = next(
        (folder / n for n in ("qrels.tsv", "qrels/test.tsv") if (folder / n).exists()),
        folder / "qrels.tsv",
    )
    try:
        documents = {
            str(row["_id"]): Paragraph(str(row.get("title") or ""), str(row["text"]))
            for row in _lines(folder / "corpus.jsonl")
        }
        queries = {str(row["_id"]): str(row["text"]) for row in _lines(folder / "queries.jsonl")}
        relevant: dict[str, dict[str, float]] = {}
        with judgements.open(encoding="utf-8", newline="") as rows:
            table = csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)
            for number, row in enumerate(filter(None, table), 1):
                if number == 1 and not row[-1].lstrip("-").isdigit():
                    continue  # a header
                query, document, grade = row
                if float(grade) > 0:
                    relevant.setdefault(query, {})[document] = float(grade)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        why = f"no {error}" if isinstance(error, KeyError) else error
        raise CorpusError(
            f"{folder}: not a BEIR-format folder ({why}); "
            "expected corpus.jsonl, queries.jsonl and qrels.tsv"
        ) from error
    if not relevant.keys() & queries.keys():
        raise CorpusError(f"{folder}: none of its queries has a relevant document")
    return Judged(documents, queries, relevant)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
