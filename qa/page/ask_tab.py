"""The tab where questions are asked: the conversation, and beside it the article quoted."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.characters import folded
from corpus.errors import QuothError
from qa import export
from qa.page.answers import Turn, conversation
from qa.page.desk import Desk, key_of, numbered, opened
from qa.page.links import asked_by, link_to, shown_as, where_of
from qa.page.markup import counted, escape
from qa.page.scripts import ASKED_BY_LINK, ASKING, READING, SUGGESTING, TALKING, saving
from qa.retriever import Retrieved, worth_reading
from qa.serving.programs import MAX_QUESTION, public, refuse_long
from qa.suggestions import suggestions

__all__ = ["ask_tab", "example_questions"]

_LOG = logging.getLogger("quoth")

Turns = list[Turn]
Updates = tuple[Any, ...]

_SAVED = {"Markdown": "conversation.md", "JSON": "conversation.json"}
_MOST = 200  # turns of a conversation that are shown
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class _Asking:
    """What happens in the tab. Turns are one list for as long as the page is open, so that of two
    questions asked at once both stay, and what is deleted does not come back with an answer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open(self, linked: str, turns: Turns, request: gr.Request) -> Updates:
        """The conversation as it was left, and the question that the link holds, if any; what was
        typed or asked already while the page was opening stays."""
        desk, shelf = self._desk, self._desk.shelf(request)
        key = key_of(request)
        kept = desk.conversations.turns(key) if key and not turns else []
        turns[:0] = [
            Turn(asked, answer, link=link_to(answer) if asked == answer.question else "")
            for asked, answer in kept
        ]
        publishers = shelf.publishers()
        link = asked_by(linked)
        spelled = {folded(name): name for name in publishers}
        chosen = [spelled.get(folded(name), name) for name in link.publishers]
        try:
            shown = shown_as(link.question, where_of(shelf, chosen, link.since, link.until))
        except (QuothError, ValueError):  # no date; asking says so
            shown = ""
        again = any(turn.question == shown for turn in turns)  # the page was only loaded again
        only: Updates = (gr.update(choices=publishers), *(gr.skip(),) * 3)
        if chosen or link.since or link.until:
            only = (
                gr.update(choices=publishers, value=chosen),
                link.since,
                link.until,
                gr.update(open=True),
            )
        return (
            conversation(turns, shelf.counts()[0]), turns, "" if again else link.question,
            gr.update(visible=bool(turns)), *only, opened(shelf, [], "list"),
        )  # fmt: skip

    def ask(
        self, question: str, turns: Turns, publishers: list[str] | None, since: str | None,
        until: str | None, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        """What is being done for the question, then its answer."""
        asked = question.strip()
        if not asked:
            yield (gr.skip(),) * 5
            return
        desk, shelf, articles = self._desk, self._desk.shelf(request), 0
        try:
            articles, _ = shelf.counts()

            def doing(words: str) -> str:
                return conversation([*turns, Turn(asked, done=words)], articles)

            refuse_long(asked)
            yield (
                doing(f"Looking through {counted(articles, 'article')} …"),
                gr.skip(),
                "",
                gr.skip(),
                "",
            )
            where = where_of(shelf, publishers, since, until)
            shown = shown_as(asked, where)
            earlier = [turn.answer for turn in turns if turn.answer is not None]
            understood = desk.session.understood(asked, history=earlier, where=where)
            if any(c.isalnum() for c in understood):
                near = worth_reading(shelf.retrieve(understood, where=where))
                yield doing(_reading(near)), *(gr.skip(),) * 4
            answer = shelf.answer(asked, history=earlier, where=where)
            link = link_to(answer, publishers or (), since, until)
            turns.append(Turn(shown, answer, link=link))
            del turns[:-_MOST]
            if key := key_of(request):
                desk.conversations.add(key, turns[-1].question, answer)
        except Exception as error:  # whatever it is, what was asked goes back into the box
            if isinstance(error, QuothError | ValueError):
                gr.Warning(desk.told(error))
            else:
                _LOG.exception("a question was not answered")
                gr.Warning("Something went wrong; the log of the server says what. Try again.")
            yield conversation(turns, articles), gr.skip(), question, gr.skip(), gr.skip()
            return
        # The box is left alone: the next question may already be in it.
        yield conversation(turns, articles), turns, gr.skip(), gr.update(visible=True), gr.skip()

    def suggest(
        self, turns: Turns, publishers: list[str] | None, since: str | None, until: str | None,
        request: gr.Request,
    ) -> Any:  # fmt: skip
        """Questions that the articles that are asked answer, about what was read for the last
        answer; nothing new where there is another conversation or answer by then."""
        answer = turns[-1].answer if turns else None
        if answer is None:
            return ""
        shelf = self._desk.shelf(request)
        try:
            where = where_of(shelf, publishers, since, until)
            found = suggestions(answer, lambda asked: shelf.answer(asked, where=where))
        except (QuothError, ValueError):
            return ""
        if not turns or turns[-1].answer is not answer:
            return gr.skip()
        asked = {turn.answer.question for turn in turns if turn.answer is not None}
        buttons = "".join(
            f'<button type="button" class="example" data-open="{escape(next_)}">{escape(next_)}</button>'
            for next_ in found
            if next_ not in asked
        )
        return (
            f'<p class="hint">The same passages also say</p><div class="next">{buttons}</div>'
            if buttons
            else ""
        )

    def press(self, event: gr.EventData, turns: Turns, request: gr.Request) -> Updates:
        """What a button in an answer or an article asks for: (article, question, talk, turns)."""
        skip = gr.skip()
        target = str(getattr(event, "open", ""))
        kind, _, number = target.partition(":")
        if kind not in ("edit", "good", "bad", "correct"):
            found = opened(self._desk.shelf(request), turns, target)
            return (skip if found is None else self._desk.anew(found)), skip, skip, skip
        at = numbered(number, len(turns))
        if at is None or (turn := turns[at]).answer is None:
            return (skip,) * 4
        if kind == "edit":
            return skip, turn.answer.resolved_question, skip, skip
        correction = str(getattr(event, "text", "") or "")[:500] if kind == "correct" else ""
        try:
            self._desk.feedback.note(key_of(request), turn.answer, kind == "good", correction)
        except QuothError as error:
            gr.Warning(self._desk.told(error))
            return (skip,) * 4
        if at < len(turns) and turns[at] is turn:  # nothing was deleted meanwhile
            turns[at] = replace(turn, said="thanks" if kind == "correct" else kind)
        return skip, skip, conversation(turns, self._desk.shelf(request).counts()[0]), turns

    def forget(self, turns: Turns, request: gr.Request) -> Updates:
        """A new conversation; the old one is kept nowhere."""
        try:
            if key := key_of(request):
                self._desk.conversations.forget(key)
        except QuothError as error:
            gr.Warning(self._desk.told(error))
            return (gr.skip(),) * 5
        turns.clear()  # the list stays: a question that is being answered begins the new one
        return "", turns, "", gr.update(visible=False), ""

    def saved(self, turns: Turns, form: str) -> str:
        """The conversation with its citations, as text to keep."""
        answers = [turn.answer for turn in turns if turn.answer is not None]
        if form == "Markdown":
            return export.markdown(answers)
        return json.dumps([public(a.to_dict()) for a in answers], ensure_ascii=False, indent=1)


def _reading(near: Sequence[Retrieved]) -> str:
    names = list(dict.fromkeys(found.article.publisher or found.article.title for found in near))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"Reading {counted(len(near), 'passage')}: {', '.join(names[:3])}{more} …"


def ask_tab(desk: Desk, page: gr.Blocks) -> None:
    """Build the tab and tell what happens in it."""
    does = _Asking(desk)
    turns, linked = gr.State([]), gr.State("")
    with gr.Row(equal_height=False, elem_classes="desk"):
        with gr.Column(scale=6, min_width=280, elem_classes="chat"):
            talk = gr.HTML("", js_on_load=TALKING, elem_id="conversation")
            suggested = gr.HTML("", js_on_load=SUGGESTING, elem_id="suggested")
            with gr.Row(elem_classes="asking"):
                question = gr.Textbox(
                    placeholder="Ask the articles a question", label="Question", show_label=False,
                    max_lines=4, scale=8, min_width=160, autofocus=True, elem_id="question", container=False,
                    max_length=MAX_QUESTION,
                )  # fmt: skip
                button = gr.Button("Ask", variant="primary", scale=1, min_width=80, elem_id="ask")
            with gr.Accordion("Ask only some of the articles", open=False, elem_id="only") as only:
                publishers = gr.Dropdown(
                    label="Publisher", multiselect=True, choices=[], value=[], allow_custom_value=True,
                    elem_id="publishers",
                )  # fmt: skip
                with gr.Row():
                    since, until = (
                        gr.Textbox(
                            label=label, placeholder="2024, 2024-05 or 2024-05-31", elem_id=name
                        )
                        for label, name in (("From", "since"), ("Until", "until"))
                    )
            with gr.Row(elem_classes="saving", visible=False) as save_row:
                saves = [
                    gr.Button(f"Save as {form}", size="sm", elem_id=f"save-{form.lower()}")
                    for form in _SAVED
                ]
                new = gr.Button("New conversation", size="sm", elem_id="new")
            saved, query = (
                gr.Textbox(visible="hidden", show_label=False, container=False) for _ in range(2)
            )
            examples = _examples(example_questions(desk.session.corpus))
        with gr.Column(scale=5, min_width=280, elem_classes="source"):
            source = gr.HTML("", js_on_load=READING, elem_id="source")
    asking: dict[str, Any] = {
        "fn": does.ask, "inputs": [question, turns, publishers, since, until],
        "outputs": [talk, turns, question, save_row, suggested], **_PRIVATE,
    }  # fmt: skip
    suggesting: dict[str, Any] = {
        "fn": does.suggest,
        "inputs": [turns, publishers, since, until],
        "outputs": [suggested],
        **_PRIVATE,
    }
    gr.on([button.click, question.submit], **asking).then(**suggesting)
    by_link = asking | {"inputs": [linked, *asking["inputs"][1:]]}
    page.load(
        does.open, [query, turns],
        [talk, turns, linked, save_row, publishers, since, until, only, source],
        js=ASKED_BY_LINK, **_PRIVATE,
    )  # fmt: skip
    linked.change(**by_link).then(**suggesting)  # not where the link holds no question
    for example in examples:
        example.click(lambda text=example.value: text, None, [question], **_PRIVATE).then(
            **asking
        ).then(**suggesting)
        example.click(None, js=ASKING)  # the examples give way to the answer
    suggested.select(_question, None, [question], **_PRIVATE).then(**asking).then(**suggesting)
    for (form, name), save in zip(_SAVED.items(), saves, strict=True):
        save.click(
            lambda turns, form=form: does.saved(turns, form), [turns], [saved], **_PRIVATE
        ).then(None, [saved], None, js=saving(name))
    new.click(does.forget, [turns], [talk, turns, question, save_row, suggested], **_PRIVATE).then(
        None, js=ASKING
    )
    for panel in (talk, source):
        panel.select(does.press, [turns], [source, question, talk, turns], **_PRIVATE)


def _question(event: gr.EventData) -> str:
    return str(getattr(event, "open", ""))[:MAX_QUESTION]


def _examples(questions: list[str]) -> list[gr.Button]:
    if not questions:
        return []
    gr.HTML('<p class="hint examples-hint">For example</p>', js_on_load=None)
    with gr.Row(elem_classes="examples"):
        return [
            gr.Button(q, size="sm", variant="secondary", elem_classes="example") for q in questions
        ]


def example_questions(corpus: Path | None) -> list[str]:
    """The lines of the file ``.questions`` in a corpus folder, six at most."""
    try:
        lines = (corpus / ".questions").read_text(encoding="utf-8").splitlines() if corpus else []
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in lines if line.strip()][:6]
