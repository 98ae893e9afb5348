"""What happens in the tab with the articles: finding, removing, adding, and what is said of the index."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.errors import QuothError
from embeddings.selection import Selection
from qa.page.articles import article_page, table, timeline
from qa.page.desk import Desk
from qa.page.markup import counted, escape, readable_size
from qa.serving.places import without_places

__all__ = ["ALL", "ROWS", "Shelving"]

_LOG = logging.getLogger("quoth")

ROWS = 25  # of the table at a time
ALL = ("All publishers", "")  # as it is called, and what it stands for
_SHOWN = 50  # problems

Updates = tuple[Any, ...]


class Shelving:
    """What happens in the tab."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def find(
        self,
        text: str,
        publisher: str | None,
        since: str,
        until: str,
        first: int,
        request: gr.Request,
    ) -> Updates:
        """The table from article ``first`` on, whether there is more before and behind, which is
        shown first (where there is none so far on, it is the last page), and the way back to all."""
        limits = gr.update(
            visible=any((part or "").strip() for part in (text, publisher, since, until))
        )
        shelf, changing = self._desk.shelf(request), not self._desk.library.read_only
        try:
            days = ((day or "").strip() or None for day in (since, until))
            where = shelf.where((publisher,) if publisher else (), (), *days)
            words = (text or "")[:200]
            found, total = shelf.list(words, where=where, offset=first, limit=ROWS)
            if first and not found:
                first = max(0, total - 1) // ROWS * ROWS
                found, total = shelf.list(words, where=where, offset=first, limit=ROWS)
        except (QuothError, ValueError) as error:
            off = gr.update(interactive=False)
            return (
                f'<p class="hint" role="status">{self._desk.told(error)}</p>',
                off,
                off,
                0,
                limits,
            )
        return (
            table(found, first, total, changing), gr.update(interactive=first > 0),
            gr.update(interactive=first + len(found) < total), first, limits,
        )  # fmt: skip

    def find_anew(
        self, text: str, publisher: str | None, since: str, until: str, request: gr.Request
    ) -> Updates:
        """The same from the first article on."""
        return self.find(text, publisher, since, until, 0, request)

    def typed(
        self, text: str, publisher: str | None, since: str, until: str, request: gr.Request
    ) -> Updates:
        """The same while a date is typed: what is no date yet changes nothing."""
        if _are_dates(since, until):
            return self.find(text, publisher, since, until, 0, request)
        return (gr.skip(),) * 5

    def left(
        self, text: str, publisher: str | None, since: str, until: str, request: gr.Request
    ) -> Updates:
        """What is no date is told when its box is left; the table was there before if it is one."""
        if _are_dates(since, until):
            return (gr.skip(),) * 5
        return self.find(text, publisher, since, until, 0, request)

    def open(self, request: gr.Request) -> Updates:
        """When the articles were published, the index's health, and the publishers."""
        shelf = self._desk.shelf(request)
        return (
            timeline(shelf.by_month()), self._health(request),
            gr.update(choices=[ALL, *shelf.publishers()]),
        )  # fmt: skip

    def _health(self, request: gr.Request) -> str:
        session, (articles, passages) = self._desk.session, self._desk.shelf(request).counts()
        recall = session.index.recall
        exact = "exact: every passage is compared"
        found = (
            exact if recall is None else f"approximate: finds {recall:.1%} of the nearest passages"
        )
        facts = (
            ("State", self._state()),
            ("Articles", f"{articles:,}"),
            ("Passages", f"{passages:,}"),
            ("Search", found),
            ("Size", f"{readable_size(session.index.size)} on disk"),
            ("Encoder", session.index.encoder.name),
        )
        rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
        return (
            f'<h2 class="panel">The index</h2><dl class="health">{rows}</dl>'
            f"{_problems([without_places(str(p), self._desk.library) for p in session.problems])}"
        )

    def _state(self) -> str:
        session = self._desk.session
        stored, searched = session.index.state
        if stored != searched:
            return "being brought up to date"
        try:
            stale = session.stale()
        except QuothError:
            return "the folder of the articles cannot be read; they are as they were last"
        if stale:
            return f"out of date: {counted(stale, 'file')} came, changed or went since"
        return "up to date" if session.corpus else "as it was made; it follows no folder"

    def press(self, event: gr.EventData, request: gr.Request) -> Updates:
        """(article, since, until, what to remove, the question whether to, that row)"""
        skip, shelf = gr.skip(), self._desk.shelf(request)
        kind, _, rest = str(getattr(event, "open", "")).partition(":")
        if kind == "article" and (article := shelf.article(rest)):
            return self._desk.anew(article_page(article, back=False)), *(skip,) * 5
        since, _, until = rest.partition(":")
        if kind == "when" and _are_dates(since, until):
            return skip, since, until or since, *(skip,) * 3
        if kind == "remove":
            found = next(
                (a for a in shelf.list(where=shelf.where((), (rest,)), limit=1)[0] if a.own), None
            )
            if found:
                others = (
                    f" and {counted(found.beside, 'other article')} of the same file"
                    if found.beside
                    else ""
                )
                asked = f'<p role="alert">Remove “{escape(found.title)}”{others} ({escape(found.file or "")})?</p>'
                return skip, skip, skip, found.id, asked, gr.update(visible=True)
        return (skip,) * 6

    def remove(self, article: str, request: gr.Request) -> Updates:
        """Remove what was asked about; nothing but what the visitor added can be."""
        try:
            removed = self._desk.shelf(request).remove(article)
        except QuothError as error:
            gr.Warning(self._desk.told(error))
        else:
            gr.Info(f"{counted(removed.articles, 'article')} removed")
        return "", gr.update(visible=False)

    def add(self, files: list[str] | None, request: gr.Request) -> Iterator[Updates]:
        """Take files in: (progress, problems, cancel button)."""
        shown = gr.update(visible=True)
        sent = [Path(file) for file in files or []]
        if not sent:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        added, bad = 0, []
        try:
            for step in self._desk.shelf(request).add([(file.name, file) for file in sent]):
                added, bad = step.added, [str(problem) for problem in step.problems]
                share = 100 * step.done / max(1, step.total)
                yield (
                    f'<label class="progress">{escape(step.said)}<progress max="100" value="{share:.0f}"></progress></label>',
                    _problems(bad), shown,
                )  # fmt: skip
                shown = gr.skip()  # a step that comes after Cancel does not bring it back
        except QuothError as error:
            bad.append(without_places(str(error), self._desk.library))
        except Exception:  # else the bar would stand still for ever
            _LOG.exception("files were not added")
            bad.append("Something went wrong; the log of the server says what. Add them again.")
        finally:
            for file in sent:  # a copy that the server made
                with suppress(OSError):
                    file.unlink(missing_ok=True)
                    file.parent.rmdir()
        done = f'<p class="hint" role="status">{counted(added, "article")} added.</p>'
        yield done, _problems(bad), gr.update(visible=False)

    def refresh(self, progress: gr.Progress = gr.Progress()) -> None:  # noqa: B008 - how Gradio has it
        """Look through the corpus for what has changed."""

        def step(done: int, total: int, said: str) -> None:
            progress(done / max(1, total), desc=f"Reading {escape(said)}")

        try:
            progress(0, desc="Looking through the files")
            done = self._desk.session.sync(step)
        except QuothError as error:
            gr.Warning(self._desk.told(error))
        else:
            told = f"{done.added} new, {done.changed} changed, {done.forgotten} gone"
            gr.Info(f"{told}, {len(done.problems)} problems" if done.problems else told)


def _are_dates(*days: str) -> bool:
    """Whether each is a date that articles can be chosen by, or nothing."""
    try:
        for day in days:
            Selection(since=(day or "").strip() or None)
    except ValueError:
        return False
    return True


def _problems(problems: list[str]) -> str:
    if not problems:
        return ""
    lines = "".join(f"<li>{escape(problem)}</li>" for problem in problems[:_SHOWN])
    more = f"<li>and {len(problems) - _SHOWN:,} more</li>" if len(problems) > _SHOWN else ""
    return (
        f'<section class="problems"><h3 class="panel">Not read</h3><ul>{lines}{more}</ul></section>'
    )
