"""A session: models loaded once, many questions answered."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from corpus import BUNDLED
from corpus.article import Problem
from corpus.characters import whole
from corpus.errors import CorpusError, UnusableIndexError
from corpus.files import located
from corpus.reading import fingerprint
from embeddings.encoder import Encoder, SentenceEncoder
from embeddings.index import Index, Progress, Synced
from embeddings.selection import Selection
from embeddings.sharing import Shared
from qa.agreement import best_supported, mentioning, supporting
from qa.composing import composed
from qa.confidence import Calibration
from qa.decision import Candidate, candidates
from qa.disagreement import counted_right, disagreeing
from qa.followup import Turn, resolved
from qa.form import form_of, plainly
from qa.places import cache_for, exists
from qa.reader import WEIGHTS, Reader, SpanReader
from qa.refusal import no_question, reason
from qa.result import Answer, RankedPassage, Source, Weighed
from qa.retriever import Retrieved, Retriever, worth_reading
from qa.spans import Span

__all__ = ["Quoth"]

PASSAGES = 8
"""How many passages are read for a question, at most. On SQuAD's dev articles the answer stands in
one of the first eight for 99 questions in 100."""

_FURTHER = 32  # passages looked through for more articles that say the same,
_MORE = 4  # so many more of them for the answer, and as many in all for a rival
_RIVALS = 2  # other answers that more articles are looked for, too
_SHOWN = 10  # spans that an answer says were weighed
_TOGETHER = 32  # passages, of several questions, read at a time
_KEPT = 256  # answers that are given again without work, while the index is the same


class Quoth:
    """Answers questions about a corpus, with quotes. Safe to use from several threads.

    >>> quoth = Quoth("my/articles")                            # doctest: +SKIP
    >>> quoth.answer("Who opened the session?").text            # doctest: +SKIP

    ``corpus`` is a file or a folder of articles; it is indexed first, and again only where
    it has changed. ``index`` is an index's folder: by itself it is asked as it is, together
    with ``corpus`` it is where that is indexed. Without either, the bundled articles are
    asked. ``encoder`` and ``reader`` are a model's folder or name, or an object that does
    the same work. ``threshold`` is the confidence below which an answer is withheld (0 to
    1), by default what was fitted with the reader. Without ``forms`` every answer is a span, as
    collections of questions have them; with it, why and how are answered by sentences. ``problems`` lists what of the corpus could not be read.

    Raises CorpusError, UnusableIndexError or UnusableModelError, with one line to show to people,
    and ValueError for a threshold or a number of passages that is out of range.
    """

    def __init__(
        self,
        corpus: str | Path | None = None,
        *,
        index: str | Path | None = None,
        encoder: str | Path | Encoder | None = None,
        reader: str | Path | Reader | None = None,
        threshold: float | None = None,
        passages: int = PASSAGES,
        forms: bool = True,
        progress: Progress | None = None,
    ) -> None:
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(f"threshold is {threshold}, expected a probability from 0 to 1")
        if passages < 1:
            raise ValueError(f"passages is {passages}, expected 1 or more")
        if corpus is None and index is None:
            corpus = BUNDLED
        self.corpus = None if corpus is None else located(corpus)
        if self.corpus is not None and not self.corpus.exists():
            raise CorpusError(f"{corpus}: no such file or folder; give a folder of articles")
        if encoder is None or isinstance(encoder, str | Path):
            encoder = SentenceEncoder(encoder)
        if self.corpus is None and index is not None and not exists(index):
            raise UnusableIndexError(
                f"{index}: no index here; make one with: quoth index PATH --index {index}"
            )
        if index is None:
            index = cache_for(self.corpus or BUNDLED, encoder.name)
        self.index = Index(index, encoder)
        self.problems: tuple[Problem, ...] = ()
        self._seen: str | None = None
        self.sync(progress)
        self.reader = (
            SpanReader(reader) if reader is None or isinstance(reader, str | Path) else reader
        )
        self._retriever = Retriever(self.index)
        read = self.reader.read
        self._read = Shared[tuple[str, str], list[Span]](
            lambda pairs: read([q for q, _ in pairs], [text for _, text in pairs]), limit=_TOGETHER
        )
        self._kept = lru_cache(maxsize=_KEPT)(self._worked_out)
        self.calibration: Calibration = getattr(
            self.reader, "calibration", None
        ) or Calibration.beside(WEIGHTS)
        self.threshold = self.calibration.threshold if threshold is None else threshold
        self._passages = passages
        self._forms = forms

    def sync(self, progress: Progress | None = None) -> Synced:
        """Take in what has changed in the corpus since; nothing to do without a corpus."""
        if self.corpus is None or (seen := fingerprint(self.corpus)) == self._seen:
            return Synced(problems=self.problems)
        done = self.index.sync(self.corpus, progress)
        self.problems, self._seen = done.problems, seen
        return done

    def stale(self) -> int:
        """How many files of the corpus came, changed or went since they were read; 0 without a corpus."""
        if self.corpus is None or fingerprint(self.corpus) == self._seen:
            return 0
        return self.index.stale(self.corpus)

    def answer(
        self,
        question: str,
        *,
        history: Sequence[str | Answer] = (),
        where: Selection | None = None,
        id: str | None = None,
    ) -> Answer:
        """The answer, or an Answer with status ``not_found`` and the closest passages.

        ``history`` is the conversation so far, answers or just the questions: with it a question such
        as "When was it built?" is understood (``resolved_question``). ``where`` asks only some of the
        articles; CorpusError if there are none such. ``id`` is handed through. Of a very long
        question the models read the beginning.
        """
        question = whole(question)
        asked = self.understood(question, history=history, where=where)
        answer = self._answer(asked, where)
        return replace(answer, question=question, resolved_question=asked, id=id)

    def understood(
        self,
        question: str,
        *,
        history: Sequence[str | Answer] = (),
        where: Selection | None = None,
    ) -> str:
        """The question as it is asked of the articles: a follow-up made to stand alone."""
        return resolved(whole(question), self._turns(history, where))

    def _turns(self, history: Sequence[str | Answer], where: Selection | None) -> list[Turn]:
        """The conversation as it was understood; questions without their answers are asked again."""
        turns: list[Turn] = []
        for earlier in history:
            if isinstance(earlier, str):
                understood = resolved(whole(earlier), turns)
                turns.append(Turn(understood, self._answer(understood, where).text))
            else:
                turns.append(Turn(earlier.resolved_question or earlier.question, earlier.text))
        return turns

    def _answer(self, asked: str, where: Selection | None) -> Answer:
        """The answer to a question that stands alone; worked out once for a state of the index."""
        return self._kept(asked, where, self.threshold, self.index.state)

    def _worked_out(
        self, asked: str, where: Selection | None, threshold: float, state: tuple[int, int]
    ) -> Answer:
        odd = no_question(asked)
        if not any(c.isalnum() for c in asked):
            return Answer(asked, "not_found", None, 0.0, reason=odd)
        asked = plainly(asked)
        around = self.retrieve(asked, self._passages + _FURTHER, where)
        retrieved = around[: self._passages]
        if odd:
            return Answer(asked, "not_found", None, 0.0, passages=_ranked(retrieved), reason=odd)
        read = worth_reading(retrieved)
        spans = self._read([(asked, found.text) for found in read])
        form = form_of(asked) if self._forms else "span"
        calibration = self.calibration.for_form(form)
        ranked = candidates(asked, read, spans, calibration)
        sure = ranked[0].confidence if ranked else 0.0
        answer = Answer(
            asked, "not_found", None, sure, passages=_ranked(retrieved),
            weighed=_weighed(ranked, retrieved), threshold=self.threshold,
        )  # fmt: skip
        if not ranked or sure < self.threshold:
            return replace(answer, reason=reason(asked, retrieved))
        # What is likely enough to support or to contradict does not hang on what is withheld.
        fitted = self.calibration.threshold
        counted = counted_right(asked, ranked, max(fitted, self.threshold))
        cited = best_supported(counted, fitted, self.threshold)
        # Room for more articles that say so, and as much for those that say otherwise.
        rivals = disagreeing(asked, cited, ranked, fitted)[:_RIVALS]
        more: list[Retrieved] = []
        for group in (cited, *rivals):
            room = len(cited) - len(group) + _MORE
            more += mentioning(group[0], group, around[len(read) :])[:room]
        if more := list(dict.fromkeys(more)):
            spans += self._read([(asked, found.text) for found in more])
            ranked = candidates(asked, [*read, *more], spans, calibration)
            cited = supporting(cited[0], ranked, fitted)
            answer = replace(answer, weighed=_weighed(ranked, retrieved))
        return composed(answer, cited, ranked, form, fitted)

    def retrieve(
        self, question: str, k: int | None = None, where: Selection | None = None
    ) -> list[Retrieved]:
        """The ``k`` passages that matter most for a question, best first; by default as many
        as are read for an answer at most."""
        asked = " ".join(whole(question).split())
        return self._retriever.retrieve(asked, k or self._passages, where)


def _ranked(retrieved: Sequence[Retrieved]) -> tuple[RankedPassage, ...]:
    return tuple(
        RankedPassage(
            rank,
            found.score,
            Source.of(found.article),
            found.text,
            found.passage.start,
            found.passage.end,
        )
        for rank, found in enumerate(retrieved, 1)
    )


def _weighed(ranked: Sequence[Candidate], retrieved: Sequence[Retrieved]) -> tuple[Weighed, ...]:
    """The likeliest spans, with the rank of the passage that each stands in."""
    return tuple(
        Weighed(
            span.text, Source.of(span.article), span.start, span.end,
            next(
                (
                    rank
                    for rank, found in enumerate(retrieved, 1)
                    if found.article.id == span.article.id
                    and found.passage.start <= span.start
                    and span.end <= found.passage.end
                ),
                None,
            ),
            span.evidence.score, span.evidence.relevance, span.evidence.coverage, span.confidence,
        )
        for span in ranked[:_SHOWN]
    )  # fmt: skip
