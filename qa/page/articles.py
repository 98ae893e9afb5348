"""Articles as HTML for the page: one of them to read, a table of them, when they were published.

All text from articles and people is escaped.
"""

import itertools
from collections.abc import Sequence

from corpus.article import Article
from qa.library import Listed
from qa.page.markup import counted, escape, file_name, readable_date, who_and_when

__all__ = ["article_list", "article_page", "missing_page", "table", "timeline"]


_MONTHS, _YEARS = 36, 80  # bars at most
_LETTERS = 36  # of labels that stand side by side on the narrowest screen

_BACK = '<button type="button" class="back" data-open="list">← All articles</button>'


def article_list(newest: Sequence[Listed], count: int) -> str:
    """The newest of ``count`` articles, each of which can be opened."""
    rows = "".join(
        f'<li><button type="button" class="entry" data-open="article:{escape(a.id)}">'
        f'<span class="title">{escape(a.title)}</span>'
        f'<span class="who">{escape(who_and_when(a))}</span></button></li>'
        for a in newest
    )
    more = (
        f'<p class="hint">These are the newest {len(newest):,}; questions are asked of all.</p>'
        if count > len(newest)
        else ""
    )
    return f'<h2 class="panel">The articles <span class="figure">{count:,}</span></h2>{more}<ul class="entries">{rows}</ul>'


def table(found: Sequence[Listed], first: int, total: int, changing: bool) -> str:
    """Articles ``first`` + 1 and on of ``total`` as a table; where the library may be changed
    (``changing``), with a button to remove what the visitor added."""
    if not total:
        return '<p class="hint" role="status">No article is like that.</p>'
    rows = "".join(_row(article, changing) for article in found)
    return (
        f'<p class="hint" role="status">{first + 1:,} to {first + len(found):,} of {counted(total, "article")}</p>'
        '<div class="table"><table class="library"><thead><tr><th scope="col">Title</th><th scope="col">Publisher</th>'
        f'<th scope="col">Published</th><th scope="col">Source</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(article: Listed, changing: bool) -> str:
    file = article.file or ""
    remove = (
        f' <button type="button" class="tool" data-open="remove:{escape(article.id)}" '
        f'aria-label="Remove {escape(article.title)}">Remove</button>'
        if article.own and changing
        else ""
    )
    publisher, day = article.publisher, readable_date(article.published)
    came = (
        f"Added by you: {escape(file)}{remove}"
        if article.own
        else escape(article.source or file_name(article.id))
    )
    return (
        f'<tr><td><button type="button" class="entry" data-open="article:{escape(article.id)}">'
        f'<span class="title">{escape(article.title)}</span></button></td>{_cell(publisher)}{_cell(day, "day")}<td>{came}</td></tr>'
    )


def _cell(text: str | None, name: str = "") -> str:
    """A cell of the table; one without anything is left out where cells stand in a line."""
    if not text:
        return '<td class="none">–</td>'
    return f'<td class="{name}">{escape(text)}</td>' if name else f"<td>{escape(text)}</td>"


def timeline(months: Sequence[tuple[str, int]]) -> str:
    """How many articles each month has, or each year where they span more than three or some say
    no month, or each ten or hundred years: one unit for all bars, the empty ones among them."""
    dated = [(when, count) for when, count in months if when]
    if not dated:
        return ""
    spans = _months(dated) or _years(dated)
    sums = [sum(count for when, count in dated if _within(when, *span)) for span in spans]
    # No label is wider than two bars at their narrowest.
    every = 1 if len(spans) * len(spans[0][0]) <= _LETTERS else 2
    bars = "".join(
        _bar(span, count, max(sums), (len(spans) - 1 - number) % every == 0)
        for number, (span, count) in enumerate(zip(spans, sums, strict=True))
    )
    undated = sum(count for when, count in months if not when)
    note = f'<p class="hint">{counted(undated, "article")} without a date</p>' if undated else ""
    return f'<h2 class="panel" id="published">When they were published</h2><ul class="timeline" aria-labelledby="published">{bars}</ul>{note}'


def _bar(span: tuple[str, str], count: int, most: int, labelled: bool) -> str:
    first, last = span
    when, until = (first, "") if first == last else (first, f":{last}")
    named = readable_date(first) + (f" to {last}" if until else "")
    said = f"{named}: {counted(count, 'article')}"
    return (
        f'<li><button type="button" class="column-bar" data-open="when:{escape(when + until)}" '
        f'aria-label="{escape(said)}" title="{escape(said)}"{"" if count else " disabled"}>'
        f'<span style="height:{100 * count / most:.1f}%"></span></button>'
        f'<span class="tick" aria-hidden="true">{escape(when) if labelled else ""}</span></li>'
    )


def _within(when: str, first: str, last: str) -> bool:
    return first <= when[: len(first)] <= last


def _months(dated: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """Every month from the first to the last; none where that is too many or one is not known."""
    if any(len(when) < 7 for when, _ in dated):
        return []
    numbers = [12 * int(when[:4]) + int(when[5:7]) - 1 for when, _ in dated]
    first, last = min(numbers), max(numbers)
    if last - first >= _MONTHS:
        return []
    names = [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(first, last + 1)]
    return [(name, name) for name in names]


def _years(dated: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """Every year from the first to the last, or every ten or hundred where that is too many."""
    years = [int(when[:4]) for when, _ in dated]
    first, last = min(years), max(years)
    step = next((step for step in (1, 10) if last // step - first // step < _YEARS), 100)
    return [
        (f"{max(1, year):04d}", f"{year + step - 1:04d}")  # there was no year 0
        for year in range(first // step * step, last + 1, step)
    ]


def article_page(
    article: Article,
    quote: tuple[int, int] | None = None,
    span: tuple[int, int] | None = None,
    note: str = "",
    turning: str = "",
    back: bool = True,
) -> str:
    """An article; characters ``quote`` of its text highlighted, in it ``span`` more so; ``turning``
    is the HTML of the way to other quotes, before it comes the way ``back`` to the list."""
    about = [article.author, article.publisher, readable_date(article.published)]
    source = article.source or ""
    if source.startswith(("http://", "https://")):
        link = f'<a href="{escape(source)}" rel="noreferrer noopener" target="_blank">{escape(source)}</a>'
    else:
        link = escape(source or file_name(article.id))
    hint = f'<p class="about">{escape(note)}</p>' if note else ""
    return (
        f'<div class="turning">{_BACK if back else ""}{turning}</div>'
        f'<article class="sheet"><h2>{escape(article.title)}</h2>'
        f'<p class="about">{escape(" · ".join(x for x in about if x))}</p>'
        f"{hint}"
        f'<div class="body">{_body(article.text, quote, span)}</div>'
        f'<p class="origin">{link}</p></article>'
    )


def missing_page(title: str, turning: str) -> str:
    """What stands in the place of an article that is no longer there."""
    return (
        f'<div class="turning">{_BACK}{turning}</div>'
        f'<article class="sheet"><h2>{escape(title)}</h2>'
        '<p class="about">This article is no longer among the articles.</p></article>'
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
