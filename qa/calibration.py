"""Fit the confidence: ``python -m qa.calibration FILES --weights FOLDER``.

Asks the questions of SQuAD-format files as a user would, of all paragraphs of their file,
and learns from the evidence for each span whether it was right. Some questions are asked
of a corpus without the paragraph that answers them, and some of another file's corpus:
what people ask is not always answered. The files should have been used for nothing else.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from embeddings.encoder import SentenceEncoder
from embeddings.selection import Selection
from qa.citing import quote_span
from qa.confidence import Calibration
from qa.console import progress_bar, reporting
from qa.datasets import Question, QuestionSet, read_squad
from qa.decision import Candidate, candidates
from qa.evaluation import corpus_session, paragraph_of, sample
from qa.fitting import Asked, fit, with_sentences
from qa.form import form_of
from qa.metrics import calibration_error, score
from qa.reader import WEIGHTS, SpanReader
from qa.retriever import worth_reading
from qa.session import PASSAGES, Quoth
from qa.text import normalized

_FOLDS = 5
_KINDS = ("own", "unanswerable", "removed", "foreign")
_EQUAL = 0.01  # sums of two shares that are as good as each other
_KEPT = 12  # spans of a question that are learned from: the likeliest ones


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--weights", default=WEIGHTS, type=click.Path(path_type=Path), help="The reader.")
@click.option(
    "--without",
    type=click.Path(exists=True, path_type=Path),
    help="Leave out the articles that this SQuAD-format file has too.",
)
@click.option(
    "--limit", default=1000, help="Questions of each file, and all that sentences answer."
)
@click.option("--removed", default=0.35, help="Share asked without the paragraph that answers.")
@click.option(
    "--alone",
    default=0.5,
    help="Share asked of the paragraphs of their own article only, where it has several.",
)
@click.option("--foreign", default=0.1, help="Share asked of another file's corpus.")
@click.option("--seed", default=0)
@reporting
def main(
    files: tuple[Path, ...], weights: Path, without: Path | None, limit: int, removed: float,
    alone: float, foreign: float, seed: int,
) -> None:  # fmt: skip
    """Fit the confidence of the reader in --weights on SQuAD-format FILES, and write it there."""
    sets = [_without(read_squad(file), without) for file in files]
    encoder, reader = SentenceEncoder(), SpanReader(weights)
    asked: list[Asked] = []
    told: list[Asked] = []  # what whole sentences answer
    for file, data in zip(files, sets, strict=True):
        with (
            progress_bar(file.name) as progress,
            corpus_session(data, encoder, reader, progress) as quoth,
        ):
            ask = Asking(quoth, data)
            chosen = sample(data.questions, limit, seed)
            # Of those that sentences answer a sample has too few.
            more = [q for q in data.questions if form_of(q.text) == "sentences" and q not in chosen]
            work = list(_questions(data, sets, [*chosen, *more], removed, foreign, seed))
            rng = random.Random(seed)
            for done, (kind, question, group) in enumerate(work, 1):
                one = ask(kind, question, group, rng.random() < alone)
                if done <= len(chosen):
                    asked.append(one)
                if form_of(question.text) == "sentences":
                    told.append(one)
                if progress:
                    progress(done, len(work), "")
    if len({a.group for a in asked}) < _FOLDS or not any(any(a.right) for a in asked):
        raise click.ClickException(
            f"too little to fit on: expected questions on {_FOLDS} articles and more, "
            "and right answers to some of them"
        )
    folds = sorted({a.group for a in asked})
    random.Random(seed).shuffle(folds)
    fold = {group: number % _FOLDS for number, group in enumerate(folds)}
    held_out: list[Best] = []
    for number in range(_FOLDS):
        fitted = fit([a for a in asked if fold[a.group] != number])
        held_out += [_best(fitted, a) for a in asked if fold[a.group] == number]
    threshold = _threshold(held_out)
    final = with_sentences(fit(asked, threshold), told)
    about = _report(held_out, threshold)
    final.save(weights, {
        "questions": {kind: sum(a.kind == kind for a in asked) for kind in _KINDS},
        "answered by sentences": len(told),
        "held out": about, "seed": seed,
        "data": [[file.name, hashlib.sha256(file.read_bytes()).hexdigest()] for file in files],
        "without": without.name if without else None,
    })  # fmt: skip


def _without(data: QuestionSet, file: Path | None) -> QuestionSet:
    """The set without the articles of the file, by their titles and their texts."""
    if file is None:
        return data
    known = read_squad(file).paragraphs
    titles = {p.title for p in known if p.title} | {p.text for p in known}
    kept = [i for i, p in enumerate(data.paragraphs) if not {p.title, p.text} & titles]
    new = {old: number for number, old in enumerate(kept)}
    return QuestionSet(
        tuple(data.paragraphs[i] for i in kept),
        tuple(replace(q, paragraph=new[q.paragraph]) for q in data.questions if q.paragraph in new),
    )


def _questions(
    data: QuestionSet, sets: Sequence[QuestionSet], chosen: Sequence[Question], removed: float,
    foreign: float, seed: int,
) -> Iterator[tuple[str, Question, str]]:  # fmt: skip
    """What is asked of a corpus: kind, question, and the title of the article it is about."""
    rng = random.Random(seed)
    here = {part for p in data.paragraphs for part in (p.title, p.text) if part}
    others = [
        (question, paragraph)
        for other in sets
        for question in other.questions
        if not {(paragraph := other.paragraphs[question.paragraph]).title, paragraph.text} & here
    ]
    for question in chosen:
        paragraph = data.paragraphs[question.paragraph]
        kind = "own" if question.answers else "unanswerable"
        if others and rng.random() < foreign:
            kind, (question, paragraph) = "foreign", rng.choice(others)
        elif kind == "own" and rng.random() < removed:
            kind = "removed"
        yield kind, question, paragraph.title or paragraph.text


class Asking:
    """Asks a set's questions of its own paragraphs, or of those that do not answer them."""

    def __init__(self, quoth: Quoth, data: QuestionSet) -> None:
        self._quoth = quoth
        self._titles = Counter(paragraph.title for paragraph in data.paragraphs)
        self._title_of = [paragraph.title for paragraph in data.paragraphs]
        self._names = [a.id for a in quoth.index.store.articles()]
        self._texts = {
            name: f" {normalized(data.paragraphs[int(paragraph_of(name))].text)} "
            for name in self._names
        }

    def __call__(self, kind: str, question: Question, group: str, alone: bool) -> Asked:
        """The evidence for each likely span, and how right it is."""
        names = self._names
        if alone and kind != "foreign" and self._titles[group] >= PASSAGES:
            names = [n for n in names if self._title_of[int(paragraph_of(n))] == group]
        if kind == "removed":
            answers = [f" {normalized(answer)} " for answer in question.answers]
            names = [
                name
                for name in names
                if paragraph_of(name) != str(question.paragraph)
                and not any(answer in self._texts[name] for answer in answers)
            ]
            if not names:  # every paragraph has the answer's words
                return Asked(kind, group, (), (), ())
        where = Selection(articles=tuple(names)) if len(names) < len(self._names) else None
        found = worth_reading(self._quoth.retrieve(question.text, PASSAGES, where))
        spans = self._quoth.reader.read([question.text] * len(found), [r.text for r in found])
        ranked = candidates(question.text, found, spans, self._quoth.calibration)[:_KEPT]
        scores = [score(c.text, question.answers) if kind == "own" else (0.0, 0.0) for c in ranked]
        return Asked(
            kind,
            group,
            tuple(c.evidence for c in ranked),
            tuple(bool(exact) for exact, _ in scores),
            tuple(f1 for _, f1 in scores),
            tuple(kind == "own" and _stands(question, c) for c in ranked),
        )


def _stands(question: Question, candidate: Candidate) -> bool:
    """Whether an accepted answer stands in the sentence of a span, of its own paragraph."""
    start, end = quote_span(candidate.article, candidate.start, candidate.end)
    sentence = candidate.article.text[start:end]
    here = paragraph_of(candidate.article.id) == str(question.paragraph)
    return here and any(answer in sentence for answer in question.answers)


@dataclass(frozen=True, slots=True)
class Best:
    """The likeliest span of a question, held out: its probability, and how right it is."""

    kind: str
    sure: float
    right: bool
    f1: float


def _best(calibration: Calibration, asked: Asked) -> Best:
    if not asked.evidence:
        return Best(asked.kind, 0.0, False, 0.0)
    evidence, right, f1 = max(
        zip(asked.evidence, asked.right, asked.f1, strict=True),
        key=lambda span: calibration.odds(span[0]),
    )
    return Best(asked.kind, calibration.probability(evidence), right, f1)


def _threshold(held_out: Sequence[Best]) -> float:
    """Where the mean F1 of questions with an answer and the share refused of the others add
    up to most; of the thresholds within a hundredth of that the lowest, which withholds the
    fewest right answers. F1, since an answer with a word too many is not a wrong one."""
    sums = {t / 100: sum(_shares(held_out, t / 100)) for t in range(5, 60)}
    return min(t for t, found in sums.items() if found >= max(sums.values()) - _EQUAL)


def _shares(held_out: Sequence[Best], threshold: float) -> tuple[float, float]:
    own = [best.f1 * (best.sure >= threshold) for best in held_out if best.kind == "own"]
    none = [best.sure < threshold for best in held_out if best.kind != "own"]
    return sum(own) / max(1, len(own)), sum(none) / max(1, len(none))


def _report(held_out: Sequence[Best], threshold: float) -> dict[str, float]:
    """Print how good the confidence is on what it was not fitted on; returns the sums."""
    sure = [best.sure for best in held_out]
    right = [float(best.right) for best in held_out]
    ece = calibration_error(sure, right)
    facts, refused = _shares(held_out, threshold)
    click.echo(f"{len(held_out)} questions, expected calibration error {ece:.3f}")
    click.echo(
        f"threshold {threshold}: F1 {facts:.3f} where there is an answer, {refused:.3f} of the others refused"
    )
    click.echo("answered   right of these   from confidence")
    order = sorted(zip(sure, right, strict=True), reverse=True)
    for tenth in range(1, 11):
        part = order[: max(1, len(order) * tenth // 10)]
        click.echo(
            f"{tenth * 10:>7} %   {sum(r for _, r in part) / len(part):>13.3f}   {part[-1][0]:>15.2f}"
        )
    return {"ece": round(ece, 4), "f1": round(facts, 4), "refused": round(refused, 4)}


if __name__ == "__main__":
    main()
