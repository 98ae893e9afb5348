"""The page: ask in a chat, check every quote in its article.

``python app.py`` serves the bundled articles on http://127.0.0.1:7860.
"""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from corpus.errors import QuothError
from embeddings.loading import first_line
from embeddings.selection import Selection
from qa import export
from qa.console import (
    corpus_option,
    encoder_option,
    fail,
    index_option,
    open_session,
    reader_option,
    reporting,
)
from qa.result import Answer, Citation
from qa.page import html
from qa.page.scripts import SHOW_LAST, SHOW_MARK, saving
from qa.session import Quoth

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr  # after the variable above, which it reads when it is imported

__all__ = ["build", "example_questions"]

Turns = list[tuple[str, Answer | None]]

_SAVED = {"Markdown": "conversation.md", "JSON": "conversation.json"}

_STYLE = Path(html.__file__).with_name("page.css")

_LISTED = 200  # articles; more would be slow to open and are better asked than listed

_ABOUT = (
    "Quoth answers only with words that stand in the articles, and says where. It writes nothing "
    "itself, takes no side, and can be wrong: read the quote. Nothing leaves this computer."
)


def build(session: Quoth) -> gr.Blocks:
    """The page over a session, ready to launch."""
    store = session.index.store
    opened = itertools.count()

    def ask(
        question: str,
        turns: Turns,
        publishers: list[str] | None,
        since: str | None,
        until: str | None,
    ) -> Iterator[tuple[Any, ...]]:
        asked = question.strip()
        if not asked:
            yield (gr.skip(),) * 4
            return
        articles = 0
        try:
            articles, _ = store.counts()
            yield html.conversation([*turns, (asked, None)], articles), gr.skip(), "", gr.skip()
            # One list for the visitor's whole conversation: two questions asked at once both stay.
            first, last = ((day or "").strip() or None for day in (since, until))
            where = Selection(tuple(publishers or ()), (), first, last)
            shown = f"{asked} (only articles {where})" if where else asked
            earlier = [answer for _, answer in turns if answer is not None]
            turns.append((shown, session.answer(asked, history=earlier, where=where)))
        except (QuothError, ValueError) as error:
            gr.Warning(html.escape(str(error)))  # messages of the page may be HTML
            yield html.conversation(turns, articles), gr.skip(), question, gr.skip()
            return
        # The box is left alone: the next question may already be in it.
        yield html.conversation(turns, articles), turns, gr.skip(), gr.update(visible=True)

    def show(event: gr.EventData, turns: Turns) -> Any:
        found = _opened(session, turns, str(getattr(event, "open", "")))
        # A number that differs each time: what is open already is scrolled to again.
        return gr.skip() if found is None else f"{found}<!-- {next(opened)} -->"

    def edit(event: gr.EventData, turns: Turns) -> Any:
        kind, _, turn = str(getattr(event, "open", "")).partition(":")
        if kind != "edit" or not turn.isdecimal() or int(turn) >= len(turns):
            return gr.skip()
        answer = turns[int(turn)][1]
        return answer.resolved_question if answer else gr.skip()

    def update(progress: gr.Progress = gr.Progress()) -> tuple[str, Any]:  # noqa: B008 - how Gradio has it
        def step(done: int, total: int, said: str) -> None:
            progress(done / max(1, total), desc=f"Reading {html.escape(said)}")

        try:
            progress(0, desc="Looking through the files")
            done = session.sync(step)
        except QuothError as error:
            gr.Warning(html.escape(str(error)))
        else:
            told = f"{done.added} new, {done.changed} changed, {done.forgotten} gone"
            gr.Info(f"{told}, {len(done.problems)} problems" if done.problems else told)
        return _article_list(session), gr.update(choices=store.publishers())

    with gr.Blocks(title="Quoth", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State([])
        gr.HTML(
            f'<header class="masthead"><h1>Quoth</h1><p>{html.escape(_ABOUT)}</p></header>',
            js_on_load=None,
        )
        with gr.Row(equal_height=False, elem_classes="desk"):
            with gr.Column(scale=6, min_width=300, elem_classes="chat"):
                talk = gr.HTML("", js_on_load=SHOW_LAST, elem_id="conversation")
                with gr.Row(elem_classes="asking"):
                    question = gr.Textbox(
                        placeholder="Ask the articles a question", label="Question", show_label=False,
                        max_lines=4, scale=8, autofocus=True, elem_id="question", container=False,
                    )  # fmt: skip
                    button = gr.Button(
                        "Ask", variant="primary", scale=1, min_width=80, elem_id="ask"
                    )
                with gr.Accordion("Ask only some of the articles", open=False, elem_id="only"):
                    publishers = gr.Dropdown(
                        label="Publisher",
                        multiselect=True,
                        choices=[],
                        value=[],
                        allow_custom_value=True,
                        elem_id="publishers",
                    )
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
                saved = gr.Textbox(visible="hidden", show_label=False, container=False)
                examples = _examples(example_questions(session.corpus))
            with gr.Column(scale=5, min_width=300, elem_classes="source"):
                # Made anew for everybody who opens the page: the articles may have changed.
                source = gr.HTML(
                    lambda: _article_list(session),
                    js_on_load=SHOW_MARK,
                    elem_id="source",
                )
                refresh = gr.Button(
                    "Look for new and changed articles", size="sm", elem_id="refresh", elem_classes="example",
                    visible=session.corpus is not None,
                )  # fmt: skip
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        asking: dict[str, Any] = {
            "fn": ask, "inputs": [question, turns, publishers, since, until],
            "outputs": [talk, turns, question, save_row], **private,
        }  # fmt: skip
        page.load(lambda: gr.update(choices=store.publishers()), None, [publishers], **private)
        refresh.click(
            update,
            None,
            [source, publishers],
            **private | {"show_progress": "full"},
            concurrency_limit=1,
        )
        gr.on([button.click, question.submit], **asking)
        for example in examples:
            example.click(lambda text=example.value: text, None, [question], **private).then(
                **asking
            )
        for (form, name), save in zip(_SAVED.items(), saves, strict=True):
            save.click(
                lambda turns, form=form: _saved(turns, form), [turns], [saved], **private
            ).then(None, [saved], None, js=saving(name))
        for panel in (talk, source):
            panel.select(show, [turns], [source], **private)
        talk.select(edit, [turns], [question], **private)
    return page


def _article_list(session: Quoth) -> str:
    store = session.index.store
    return html.article_list(store.newest(_LISTED), store.counts()[0])


def _saved(turns: Turns, form: str) -> str:
    """The conversation with its citations, as text to keep."""
    answers = [answer for _, answer in turns if answer is not None]
    if form == "Markdown":
        return export.markdown(answers)
    return json.dumps([answer.to_dict() for answer in answers], ensure_ascii=False, indent=1)


def _examples(questions: list[str]) -> list[gr.Button]:
    if not questions:
        return []
    gr.HTML('<p class="hint">For example</p>', js_on_load=None)
    with gr.Row(elem_classes="examples"):
        return [
            gr.Button(q, size="sm", variant="secondary", elem_classes="example") for q in questions
        ]


def _opened(session: Quoth, turns: Turns, target: str) -> str | None:
    """The HTML of what a button asked for; None for what is not there.

    ``target`` comes from a browser: ``list``, ``article:ID``, ``citation:TURN:NUMBER`` or
    ``passage:TURN:NUMBER``.
    """
    store = session.index.store
    kind, _, rest = target.partition(":")
    if kind == "list":
        return _article_list(session)
    if kind == "article":
        article = store.article(rest)
        return html.article_page(article) if article else None
    turn, _, number = rest.partition(":")
    if not (turn.isdecimal() and number.isdecimal() and int(turn) < len(turns)):
        return None
    answer = turns[int(turn)][1]
    shown = () if answer is None else answer.quotes if kind == "citation" else answer.passages
    if int(number) >= len(shown):
        return None
    quoted = shown[int(number)]
    article = store.article(quoted.article.id)
    if article is None:
        return None
    words, span = (
        (quoted.quote, (quoted.answer_start, quoted.answer_end))
        if isinstance(quoted, Citation)
        else (quoted.text, None)
    )
    if article.text[quoted.start : quoted.end] != words:
        return html.article_page(article, note="The article has changed since it was quoted.")
    return html.article_page(article, (quoted.start, quoted.end), span)


def example_questions(corpus: Path | None) -> list[str]:
    """The lines of the file ``.questions`` in a corpus folder, six at most."""
    try:
        lines = (corpus / ".questions").read_text(encoding="utf-8").splitlines() if corpus else []
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in lines if line.strip()][:6]


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option(
    "--host",
    default="127.0.0.1",
    help="Address to listen on; any other than this computer's own lets others in.",
)
@click.option("--port", default=7860, type=click.IntRange(1, 65535), help="Port to listen on.")
@corpus_option
@index_option
@encoder_option
@reader_option
@reporting
def main(host: str, port: int, **where: Any) -> None:
    """Serve the page over a corpus or an index (default: as "quoth ask" does)."""
    session = open_session(**where)
    page = build(session)
    articles, passages = session.index.store.counts()
    click.echo(f"{articles} articles in {passages} passages")
    # Gradio looks whether its own address answers: that is not a proxy's business.
    os.environ["NO_PROXY"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1,localhost", host])
    )
    os.environ["no_proxy"] = os.environ["NO_PROXY"]
    try:
        page.queue(default_concurrency_limit=4).launch(
            server_name=host, server_port=port, quiet=True, footer_links=[], css_paths=_STYLE, theme=_theme(),
            ssr_mode=False, enable_monitoring=False, prevent_thread_lock=True, share=False,
        )  # fmt: skip
    except Exception as error:  # of many kinds, from the port to the look at itself
        fail(f"cannot serve on {host}:{port} ({first_line(error)}); give another --port or --host")
    click.echo(f"Quoth is at http://{host}:{port} (stop with Ctrl-C)")
    page.block_thread()


def _theme() -> gr.themes.Base:
    """Fonts of the system only: nothing is fetched from anywhere. The rest is page.css."""
    sans = ("system-ui", "Segoe UI", "Liberation Sans", "Helvetica", "Arial", "sans-serif")
    mono = ("ui-monospace", "Liberation Mono", "Consolas", "monospace")
    return gr.themes.Base(primary_hue="stone", neutral_hue="stone", font=sans, font_mono=mono)


if __name__ == "__main__":
    main()
