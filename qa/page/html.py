"""Answers and articles as HTML for the page. All text from articles and people is escaped."""

import html
import itertools
from collections.abc import Sequence
from datetime import date

from corpus.article import Article
from qa.result import Answer, Citation, RankedPassage, Source

__all__ = ["article_list", "article_page", "conversation", "escape"]

Turn = tuple[str, Answer | None]
"""A question, and its answer once there is one."""

# Marks of templates: Gradio does not interpret them in a value; if it ever did, nothing would run.
_TEMPLATE_MARKS = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;"})

_SURE = ((0.6, "Confident"), (0.35, "Fairly sure"), (0.0, "Unsure – read the quote"))


def escape(text: str) -> str:
    """Text that can stand anywhere in the page, also in a quoted attribute."""
    return html.escape(text, quote=True).translate(_TEMPLATE_MARKS)


def conversation(turns: Sequence[Turn], articles: int) -> str:
    """The questions so far, each with its answer; the last may still be without."""
    if not turns:
        return ""
    shown = "".join(
        _turn(number, question, answer, articles) for number, (question, answer) in enumerate(turns)
    )
    return f'<div class="log" role="log" aria-live="polite">{shown}</div>'


def _turn(number: int, question: str, answer: Answer | None, articles: int) -> str:
    if answer is None:
        body = f'<p class="waiting">Reading {_count(articles)}…</p>'
    elif answer.found:
        body = _found(number, answer)
    else:
        body = _not_found(number, answer, articles)
    return f'<section class="turn"><h3 class="question">{escape(question)}</h3>{body}</section>'


def _found(number: int, answer: Answer) -> str:
    word = next(word for least, word in _SURE if answer.confidence >= least)
    return (
        f"{_understood(number, answer)}{_heading(answer)}{_quotes(number, answer.citations)}"
        f"{_items(number, answer)}{_disagreements(number, answer)}"
        f'<p class="sure" title="probability that this is right: {answer.confidence:.0%}">{word}'
        f' <span class="figure">{answer.confidence:.0%}</span>{_agreed(answer)}</p>{_why(answer)}'
    )


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
        '<section class="differ" aria-label="Articles that say otherwise"><h4>The articles differ</h4>'
        f'<dl class="bars">{bars}</dl>{claims}</section>'
    )


def _bar(text: str, articles: int, most: int) -> str:
    """One answer in the chart of answers by the articles that give them."""
    return (
        f'<dt>{escape(text)}</dt><dd><span class="bar" style="width:{6 * articles / most:.2f}rem"></span>'
        f" {'1 article' if articles == 1 else f'{articles} articles'}</dd>"
    )


def _why(answer: Answer) -> str:
    """The fold-out with what was read and weighed."""
    if not answer.weighed:
        return ""
    rows = "".join(
        f"<tr><td>{'–' if w.passage is None else w.passage}</td><td>{escape(w.text[:90])}</td>"
        f"<td>{escape(w.article.who)}</td><td>{w.score:+.2f}</td><td>{w.relevance:.2f}</td>"
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
        f'{_understood(turn, answer)}<p class="answer none">Not found in {_count(articles)}.</p>'
        f'<p class="reason">{escape(answer.reason or "")}</p>{heading}{closest}{_why(answer)}'
    )


def _closest(turn: int, passage: RankedPassage) -> str:
    text = passage.text if len(passage.text) <= 280 else passage.text[:280].rsplit(" ", 1)[0] + " …"
    button = _source_button(f"passage:{turn}:{passage.rank - 1}", "↗", passage.article)
    return f'<blockquote class="quote dim"><p>“{escape(text)}”</p>{button}</blockquote>'


def _source_button(target: str, mark: str, source: Source) -> str:
    return (
        f'<button type="button" class="cite" data-open="{target}">'
        f'<span class="chip">{mark}</span> <span class="who">{escape(_who(source))}</span>'
        f' <span class="title">{escape(source.title)}</span></button>'
    )


def article_list(newest: Sequence[Article], count: int) -> str:
    """The newest of ``count`` articles of the corpus, each of which can be opened."""
    rows = "".join(
        f'<li><button type="button" class="entry" data-open="article:{escape(a.id)}">'
        f'<span class="title">{escape(a.title)}</span>'
        f'<span class="who">{escape(_who(Source.of(a)))}</span></button></li>'
        for a in newest
    )
    more = (
        f'<p class="hint">These are the newest {len(newest):,}; questions are asked of all.</p>'
        if count > len(newest)
        else ""
    )
    return f'<h2 class="panel">The articles <span class="figure">{count:,}</span></h2>{more}<ul class="entries">{rows}</ul>'


def article_page(
    article: Article,
    quote: tuple[int, int] | None = None,
    span: tuple[int, int] | None = None,
    note: str = "",
) -> str:
    """An article; characters ``quote`` of its text highlighted, in it ``span`` more so."""
    about = [article.author, article.publisher, readable_date(article.published)]
    source = article.source or ""
    if source.startswith(("http://", "https://")):
        link = f'<a href="{escape(source)}" rel="noreferrer noopener" target="_blank">{escape(source)}</a>'
    else:
        link = escape(source or article.id)
    hint = f'<p class="about">{escape(note)}</p>' if note else ""
    return (
        '<button type="button" class="back" data-open="list">← All articles</button>'
        f'<article class="sheet"><h2>{escape(article.title)}</h2>'
        f'<p class="about">{escape(" · ".join(x for x in about if x))}</p>'
        f"{hint}"
        f'<div class="body">{_body(article.text, quote, span)}</div>'
        f'<p class="origin">{link}</p></article>'
    )


def _body(text: str, quote: tuple[int, int] | None, span: tuple[int, int] | None) -> str:
    """Paragraphs, with marks that begin and end in each paragraph that they touch."""
    paragraphs = []
    place = 0
    for paragraph in text.split("\n\n"):
        start, end = place, place + len(paragraph)
        place = end + 2
        edges = {start, end}
        for marked in (quote, span):
            edges |= {edge for edge in marked or () if start < edge < end}
        cuts = sorted(edges)
        parts = []
        for first, last in itertools.pairwise(cuts):
            part = escape(text[first:last])
            if span and span[0] <= first and last <= span[1]:
                part = f'<mark class="span">{part}</mark>'
            elif quote and quote[0] <= first and last <= quote[1]:
                part = f'<mark class="quoted">{part}</mark>'
            parts.append(part)
        paragraphs.append(f"<p>{''.join(parts)}</p>")
    return "".join(paragraphs)


def _who(source: Source) -> str:
    who = source.who
    when = readable_date(source.published)
    return f"{who}, {when}" if when else who


def readable_date(published: str | None) -> str:
    """``2026-02-26`` as ``26 February 2026``; less where less is known."""
    if not published:
        return ""
    parts = [int(part) for part in published.split("-")]
    if len(parts) == 1:
        return published
    month = date(2000, parts[1], 1).strftime("%B")
    return f"{parts[2]} {month} {parts[0]:04d}" if len(parts) == 3 else f"{month} {parts[0]:04d}"


def _count(articles: int) -> str:
    return "the one article" if articles == 1 else f"the {articles:,} articles"
