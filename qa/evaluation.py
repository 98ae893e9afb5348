"""Quoth measured on questions whose answers are known.

Figures are percentages, but times (milliseconds), counts, thresholds and ``ece``. Those
that a file has no questions for are None.
"""

import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from embeddings.encoder import Encoder
from embeddings.index import Progress
from qa.datasets import Judged, Paragraph, Question, QuestionSet
from qa.metrics import auroc, best_threshold, calibration_error, ndcg, recall, score
from qa.reader import Reader
from qa.retriever import Retrieved
from qa.session import Quoth

__all__ = [
    "corpus_session",
    "evaluate_open",
    "evaluate_reading",
    "evaluate_retrieval",
    "paragraph_of",
    "sample",
]

_CHUNK = 128  # questions that go through the reader together
_DEPTH = 200  # passages that rankings are made of

T = TypeVar("T")


def sample(items: Sequence[T], limit: int | None, seed: int) -> list[T]:
    """``limit`` of the items, the same for the same seed, in their order; or all of them."""
    if limit is None or limit >= len(items):
        return list(items)
    return [items[i] for i in sorted(random.Random(seed).sample(range(len(items)), limit))]


def evaluate_reading(
    data: QuestionSet,
    *,
    reader: Reader,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Each question with its own paragraph. The threshold is on the span's score above that
    of no answer; the shipped one is 0."""
    questions = sample(data.questions, limit, seed)
    texts: list[str] = []
    scores: list[float] = []
    for at in range(0, len(questions), _CHUNK):
        chunk = questions[at : at + _CHUNK]
        contexts = [data.paragraphs[question.paragraph].text for question in chunk]
        read = reader.read([question.text for question in chunk], contexts)
        for context, spans in zip(contexts, read, strict=True):
            texts.append(context[spans[0].start : spans[0].end] if spans else "")
            scores.append(spans[0].score if spans else -1e9)
        if progress:
            progress(len(texts), len(questions), "")
    return _answered(questions, texts, scores, 0.0)


def evaluate_open(
    data: QuestionSet,
    *,
    encoder: Encoder | None = None,
    reader: Reader | None = None,
    threshold: float | None = None,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """All paragraphs are the corpus, each an article, and every question is asked of it.

    The threshold is on the answer's confidence. Rankings are of questions with an answer;
    ``ece`` is of all questions, each with its likeliest answer, withheld or not. The time
    is that of the whole answer, models loaded.
    """
    questions = sample(data.questions, limit, seed)
    texts: list[str] = []
    sure: list[float] = []
    cited: list[bool] = []
    ranks: list[float] = []
    seconds = 0.0
    with corpus_session(data, encoder, reader, progress) as quoth:
        threshold = quoth.calibration.threshold if threshold is None else threshold
        unread = len(quoth.problems)
        for question in questions:
            started = time.perf_counter()
            answer = quoth.answer(question.text)
            seconds += time.perf_counter() - started
            texts.append(answer.text or "")
            sure.append(answer.confidence if answer.found else -1.0)
            wanted = str(question.paragraph)
            cited.append(any(paragraph_of(c.article.id) == wanted for c in answer.citations[:1]))
            if question.answers:
                ranked = _documents(quoth.retrieve(question.text, _DEPTH))
                ranks.append(ranked.index(wanted) + 1 if wanted in ranked else float("inf"))
            if progress:
                progress(len(texts), len(questions), "")
    given = [value >= threshold for value in sure]
    refused = [not value for value in given]
    unanswerable = [not question.answers for question in questions]
    rightly = sum(a and b for a, b in zip(refused, unanswerable, strict=True))
    right = [
        score(text, question.answers)[0] if question.answers else 0.0
        for text, question in zip(texts, questions, strict=True)
    ]
    return _answered(questions, texts, sure, threshold) | {
        "recall@1": _percent(rank <= 1 for rank in ranks),
        "recall@5": _percent(rank <= 5 for rank in ranks),
        "recall@20": _percent(rank <= 20 for rank in ranks),
        "mrr": _percent(1 / rank for rank in ranks),
        "citation_accuracy": _percent(c for c, g in zip(cited, given, strict=True) if g),
        "abstention_precision": _percent([1.0] * rightly + [0.0] * (sum(refused) - rightly)),
        "abstention_recall": _percent([1.0] * rightly + [0.0] * (sum(unanswerable) - rightly)),
        "abstention_accuracy": _percent(a == b for a, b in zip(refused, unanswerable, strict=True)),
        "auroc": auroc(sure, [not value for value in unanswerable]),
        "ece": round(calibration_error([max(0.0, value) for value in sure], right), 4),
        "ms_per_question": round(1000 * seconds / len(questions), 1),
        "not_indexed": unread,
    }


def evaluate_retrieval(
    data: Judged,
    *,
    encoder: Encoder | None = None,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """A document's rank is that of its best passage, among the first 200; queries without a
    judgement are left out."""
    queries = sample(sorted(data.queries.keys() & data.relevant.keys()), limit, seed)
    gains: list[float] = []
    recalls: list[float] = []
    with _session(data.documents.items(), encoder, _NoReader(), progress) as quoth:
        unread = len(quoth.problems)
        for query in queries:
            # As in BEIR, where queries may themselves be documents.
            ranked = [
                d for d in _documents(quoth.retrieve(data.queries[query], _DEPTH)) if d != query
            ]
            gains.append(ndcg(ranked, data.relevant[query], 10))
            recalls.append(recall(ranked, data.relevant[query], 100))
            if progress:
                progress(len(gains), len(queries), "")
    return {
        "questions": len(queries),
        "ndcg@10": _percent(gains),
        "recall@100": _percent(recalls),
        "not_indexed": unread,
    }


class _NoReader:
    def read(self, questions: Sequence[str], texts: Sequence[str], /) -> list[list[Any]]:
        return [[] for _ in texts]


def corpus_session(
    data: QuestionSet,
    encoder: Encoder | None = None,
    reader: Reader | None = None,
    progress: Progress | None = None,
) -> AbstractContextManager[Quoth]:
    """A session over all paragraphs of a set, each an article; ``paragraph_of`` knows which."""
    texts = ((str(number), paragraph) for number, paragraph in enumerate(data.paragraphs))
    return _session(texts, encoder, reader, progress)


def paragraph_of(article_id: str) -> str:
    """The number of the paragraph, or the name of the document, that an article was made of."""
    return article_id.partition("#")[2]


@contextmanager
def _session(
    texts: Iterable[tuple[str, Paragraph]],
    encoder: Encoder | None,
    reader: Reader | None,
    progress: Progress | None,
) -> Iterator[Quoth]:
    """A session over these texts, each an article; nothing of it stays on disk."""
    with TemporaryDirectory(prefix="quoth-") as folder:
        corpus = Path(folder) / "corpus.jsonl"
        with corpus.open("w", encoding="utf-8") as lines:
            for key, paragraph in texts:
                row = {
                    "id": key,
                    "title": paragraph.title,
                    "text": paragraph.text or paragraph.title,
                }
                lines.write(json.dumps(row) + "\n")
        yield Quoth(
            corpus, index=Path(folder) / "index", encoder=encoder, reader=reader,
            threshold=0, forms=False, progress=progress,
        )  # fmt: skip


def _documents(retrieved: Iterable[Retrieved]) -> list[str]:
    return list(dict.fromkeys(paragraph_of(found.article.id) for found in retrieved))


def _answered(
    questions: Sequence[Question], texts: Sequence[str], sure: Sequence[float], threshold: float
) -> dict[str, Any]:
    """Exact match and F1 of SQuAD 2.0's official script, at a threshold and at the best one."""
    answered = [score(text, q.answers) for text, q in zip(texts, questions, strict=True)]
    refused = [score("", question.answers) for question in questions]
    shown = [
        a if value >= threshold else b for value, a, b in zip(sure, answered, refused, strict=True)
    ]
    best, best_f1 = best_threshold(sure, [f1 for _, f1 in answered], [f1 for _, f1 in refused])
    has_answer = [bool(question.answers) for question in questions]
    return {
        "questions": len(questions),
        "exact_match": _percent(exact for exact, _ in shown),
        "f1": _percent(f1 for _, f1 in shown),
        "best_f1": round(100 * best_f1, 2),
        "best_threshold": best,
        "has_answer_f1": _percent(
            f1 for (_, f1), has in zip(shown, has_answer, strict=True) if has
        ),
        "no_answer_accuracy": _percent(
            exact for (exact, _), has in zip(shown, has_answer, strict=True) if not has
        ),
    }


def _percent(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(100 * sum(found) / len(found), 2) if found else None
