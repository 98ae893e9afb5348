"""Answers as HTML for the page. All text from articles and people is escaped."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.page.markup import counted, escape, who_and_when
from qa.result import Answer, Citation, RankedPassage, Source

__all__ = ["Turn", "conversation"]

_SURE = ((0.6, "Confident"), (0.35, "Fairly sure"), (0.0, "Unsure – read the quote"))


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer once there is one; before, what is being ``done`` for it.

    ``said`` is what the visitor said of the answer: "good", "bad", or "thanks" once a correction
    has been sent. ``link`` is the part behind the ? of a link that asks it again; "" if there is none.
    """

    question: str
    answer: Answer | None = None
    done: str = ""
    said: str = ""
    link: str = ""


def conversation(turns: Sequence[Turn], articles: int) -> str:
    """The questions so far, each with its answer; the last may still be without."""
    if not turns:
        return ""
    shown = "".join(_turn(number, turn, articles) for number, turn in enumerate(turns))
    return f'<div class="log" role="log" aria-live="polite" aria-label="Answers">{shown}</div>'


def _turn(number: int, turn: Turn, articles: int) -> str:
    answer = turn.answer
    if answer is None:
        return _section(
            number, turn.question, f'<p class="waiting" role="status">{escape(turn.done)}</p>'
        )
    body = _found(number, answer) if answer.found else _not_found(number, answer, articles)
    return _section(number, turn.question, body + _tools(number, turn, answer) + _why(answer))


def _section(number: int, question: str, body: str) -> str:
    return (
        f'<section class="turn" aria-labelledby="asked-{number}">'
        f'<h2 class="question" id="asked-{number}">{escape(question)}</h2>{body}</section>'
    )


def _found(number: int, answer: Answer) -> str:
    word = next(word for least, word in _SURE if answer.confidence >= least)
    return (
        f"{_understood(number, answer)}{_heading(answer)}{_quotes(number, answer.citations)}"
        f"{_items(number, answer)}{_disagreements(number, answer)}"
        f'<p class="sure"><span class="tip" tabindex="0">{word}<span class="figure" role="tooltip">'
        f" {answer.confidence:.0%} likely to be right</span></span>{_agreed(answer)}</p>"
    )


def _tools(number: int, turn: Turn, answer: Answer) -> str:
    """Copy, share, and say whether it is right."""
    link = (
        f'<button type="button" class="tool" data-link="{escape(turn.link)}">Copy link</button>'
        if turn.link
        else ""
    )
    copy = (
        f'<button type="button" class="tool" data-copy="{escape(_plain(answer))}">Copy</button>'
        if answer.found
        else ""
    )
    if turn.said == "thanks":
        judged = '<span role="status">Thank you, noted.</span>'
    else:
        judged = '<span class="ask-right">Right?</span>' + "".join(
            f'<button type="button" class="tool" data-open="{said}:{number}" aria-pressed='
            f'"{"true" if turn.said == said else "false"}" aria-label="{label}">{word}</button>'
            for said, word, label in (
                ("good", "Yes", "Yes, this answer is right"), ("bad", "No", "No, this answer is wrong")
            )
        )  # fmt: skip
    form = (
        f'<form class="correct" data-form="correct:{number}"><label>What do the articles say? '
        '(optional)<input name="text" maxlength="500" autocomplete="off"></label>'
        '<button type="submit" class="tool">Send</button></form>'
        if turn.said == "bad"
        else ""
    )
    return f'<div class="tools">{copy}{link}{judged}</div>{form}'


def _plain(answer: Answer) -> str:
    """What is copied: the answer, its quotes, who wrote them and when."""

    def said(text: str | None, cited: Sequence[Citation]) -> str:
        quotes = (f"“{c.quote}” ({c.article.label}: {c.article.title})" for c in cited)
        return "\n".join([text or "", *quotes])

    parts = [said(answer.text, answer.citations)]
    parts += [said(item.text, item.citations) for item in answer.items]
    if answer.disagreements:
        parts.append("Other articles say otherwise:")
        parts += [said(claim.text, claim.citations) for claim in answer.disagreements]
    return "\n\n".join(parts)


def _heading(answer: Answer) -> str:
    if answer.form == "evidence":
        return '<p class="reason">What the articles say of it, without a verdict:</p>'
    if answer.form == "sentences":
        return ""  # the quote itself
    return f'<p class="answer">{escape(answer.text or "")}</p>'


def _items(turn: int, answer: Answer) -> str:
    """The other items of a list, or the other sentences that bear on it."""
    return "".join(
        (f'<p class="answer">{escape(item.text)}</p>' if answer.form == "list" else "")
        + _quotes(turn, item.citations)
        for item in answer.items
    )


def _quotes(turn: int, citations: Sequence[Citation]) -> str:
    return "".join(_quote(turn, citation) for citation in citations)


def _understood(turn: int, answer: Answer) -> str:
    """The question as it was understood, where that is another; it can be taken and edited."""
    if not answer.rewritten:
        return ""
    return (
        f'<p class="understood">Understood as “{escape(answer.resolved_question)}” '
        f'<button type="button" class="edit" data-open="edit:{turn}">Edit</button></p>'
    )


def _disagreements(turn: int, answer: Answer) -> str:
    if not answer.disagreements:
        return ""
    most = max(answer.support, *(claim.support for claim in answer.disagreements))
    bars = _bar(answer.text or "", answer.support, most) + "".join(
        _bar(claim.text, claim.support, most) for claim in answer.disagreements
    )
    claims = "".join(
        f'<p class="other">{escape(claim.text)} <span class="figure">{escape(claim.note)}</span></p>'
        + _quotes(turn, claim.citations)
        for claim in answer.disagreements
    )
    return (
        '<section class="differ" aria-label="Articles that say otherwise"><h3>The articles differ</h3>'
        f'<dl class="bars">{bars}</dl>{claims}</section>'
    )


def _bar(text: str, articles: int, most: int) -> str:
    """One answer in the chart of answers by the articles that give them."""
    return (
        f'<dt>{escape(text)}</dt><dd><span class="bar" style="width:{6 * articles / most:.2f}rem"></span>'
        f" {counted(articles, 'article')}</dd>"
    )


def _why(answer: Answer) -> str:
    """The fold-out with what was read and weighed."""
    if not answer.weighed:
        return ""
    rows = "".join(
        f"<tr><td>{'–' if w.passage is None else w.passage}</td><td>{escape(w.text[:90])}</td>"
        f"<td>{escape(w.article.publisher or w.article.author or w.article.title)}</td><td>{w.score:+.2f}</td><td>{w.relevance:.2f}</td>"
        f"<td>{w.coverage:.0%}</td><td>{w.confidence:.0%}</td></tr>"
        for w in answer.weighed
    )
    needed = "" if answer.threshold is None else f" An answer needs {answer.threshold:.0%}."
    return (
        '<details class="why"><summary>Why this answer</summary><div class="table"><table><thead><tr><th>Passage</th>'
        "<th>Span</th><th>Article</th><th>Reader</th><th>Retrieval</th><th>Words</th><th>Confidence</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div><p>A dash is a passage that was read later, for more articles. Reader: log-odds of the span "
        "against no answer. Retrieval: the passage’s score. Words: the share of the question’s words in the "
        f"span’s sentence.{needed}</p></details>"
    )


def _agreed(answer: Answer) -> str:
    return f" · {answer.support} articles agree" if answer.support > 1 else ""


def _quote(turn: int, citation: Citation) -> str:
    start, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    quote = citation.quote
    words = escape(quote[start:end])
    span = f"<mark>{words}</mark>" if (start, end) != (0, len(quote)) else words
    marked = f"{escape(quote[:start])}{span}{escape(quote[end:])}"
    target = f"citation:{turn}:{citation.number - 1}"
    button = _source_button(target, str(citation.number), citation.article)
    copied = citation.copy_of
    note = f'<p class="copy">This article repeats that of {copied}.</p>' if copied else ""
    return f'<blockquote class="quote"><p>“{marked}”</p>{button}{note}</blockquote>'


def _not_found(turn: int, answer: Answer, articles: int) -> str:
    closest = "".join(_closest(turn, passage) for passage in answer.passages[:3])
    heading = '<p class="closest">The closest passages</p>' if closest else ""
    return (
        f'{_understood(turn, answer)}<p class="answer none">Not found in {_all(articles)}.</p>'
        f'<p class="reason">{escape(answer.reason or "")}</p>{heading}{closest}'
    )


def _closest(turn: int, passage: RankedPassage) -> str:
    text = passage.text if len(passage.text) <= 280 else passage.text[:280].rsplit(" ", 1)[0] + " …"
    button = _source_button(f"passage:{turn}:{passage.rank - 1}", "↗", passage.article)
    return f'<blockquote class="quote dim"><p>“{escape(text)}”</p>{button}</blockquote>'


def _source_button(target: str, mark: str, source: Source) -> str:
    return (
        f'<button type="button" class="cite" data-open="{target}">'
        f'<span class="chip">{mark}</span> <span class="who">{escape(who_and_when(source))}</span>'
        f' <span class="title">{escape(source.title)}</span></button>'
    )


def _all(articles: int) -> str:
    return "the one article" if articles == 1 else f"the {articles:,} articles"
