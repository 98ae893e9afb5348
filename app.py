"""The page: ask in a chat, check every quote in its article.

``python app.py`` serves the bundled articles on http://127.0.0.1:7860.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from corpus.errors import QuothError
from qa import html
from qa.console import (
    corpus_option,
    encoder_option,
    index_option,
    open_session,
    reader_option,
    reporting,
)
from qa.result import Answer
from qa.session import Quoth

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr  # after the variable above, which it reads when it is imported

__all__ = ["build", "example_questions"]

Turns = list[tuple[str, Answer | None]]

_STYLE = Path(html.__file__).with_name("page.css")

# Buttons inside the HTML tell the server what to open; new marks are scrolled to.
_OPEN = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open]');
  if (button) trigger('select', {open: button.dataset.open});
});
"""
_SHOW_LAST = (
    _OPEN
    + """
watch('value', () => {
  const turns = element.querySelectorAll('.turn');
  if (turns.length > 1) turns[turns.length - 1].scrollIntoView({behavior: 'smooth', block: 'start'});
});
"""
)
_SHOW_MARK = (
    _OPEN
    + """
watch('value', () => {
  const mark = element.querySelector('mark.span, mark.quoted');
  const sheet = element.closest('.source');
  if (sheet) sheet.scrollTop = 0;
  if (mark) mark.scrollIntoView({behavior: 'smooth', block: 'center'});
});
"""
)

_ABOUT = (
    "Quoth answers only with words that stand in the articles, and says where. It writes nothing "
    "itself, takes no side, and can be wrong: read the quote. Nothing leaves this computer."
)


def build(session: Quoth) -> gr.Blocks:
    """The page over a session, ready to launch."""
    store = session.index.store

    def ask(question: str, turns: Turns) -> Iterator[tuple[Any, Any, Any]]:
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip()
            return
        articles, _ = store.counts()
        waiting: Turns = [*turns, (question.strip(), None)]
        yield html.conversation(waiting, articles), gr.skip(), ""
        try:
            done: Turns = [*turns, (question.strip(), session.answer(question))]
        except QuothError as error:
            raise gr.Error(str(error)) from error
        # The box is left alone: the next question may already be in it.
        yield html.conversation(done, articles), done, gr.skip()

    def show(event: gr.EventData, turns: Turns) -> Any:
        found = _opened(session, turns, str(getattr(event, "open", "")))
        return gr.skip() if found is None else found

    with gr.Blocks(title="Quoth", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State([])
        gr.HTML(
            f'<header class="masthead"><h1>Quoth</h1><p>{html.escape(_ABOUT)}</p></header>',
            js_on_load=None,
        )
        with gr.Row(equal_height=False, elem_classes="desk"):
            with gr.Column(scale=6, min_width=300, elem_classes="chat"):
                talk = gr.HTML("", js_on_load=_SHOW_LAST, elem_id="conversation")
                with gr.Row(elem_classes="asking"):
                    question = gr.Textbox(
                        placeholder="Ask the articles a question", label="Question", show_label=False,
                        max_lines=4, scale=8, autofocus=True, elem_id="question", container=False,
                    )  # fmt: skip
                    button = gr.Button(
                        "Ask", variant="primary", scale=1, min_width=80, elem_id="ask"
                    )
                if examples := example_questions(session.corpus):
                    gr.HTML('<p class="hint">For example</p>', js_on_load=None)
                    with gr.Row(elem_classes="examples"):
                        for example in examples:
                            one = gr.Button(
                                example, size="sm", variant="secondary", elem_classes="example"
                            )
                            one.click(
                                lambda turns, example=example: (yield from ask(example, turns)),
                                [turns], [talk, turns, question], api_visibility="private", show_progress="hidden",
                            )  # fmt: skip
            with gr.Column(scale=5, min_width=300, elem_classes="source"):
                source = gr.HTML(
                    html.article_list(store.articles()), js_on_load=_SHOW_MARK, elem_id="source"
                )
        for event in (button.click, question.submit):
            event(
                ask,
                [question, turns],
                [talk, turns, question],
                api_visibility="private",
                show_progress="hidden",
            )
        for panel in (talk, source):
            panel.select(show, [turns], [source], api_visibility="private", show_progress="hidden")
    return page


def _opened(session: Quoth, turns: Turns, target: str) -> str | None:
    """The HTML of what a button asked for; None for what is not there.

    ``target`` comes from a browser: ``list``, ``article:ID``, ``citation:TURN:NUMBER`` or
    ``passage:TURN:NUMBER``.
    """
    store = session.index.store
    kind, _, rest = target.partition(":")
    if kind == "list":
        return html.article_list(store.articles())
    if kind == "article":
        article = store.article(rest)
        return html.article_page(article) if article else None
    try:
        turn, number = map(int, rest.split(":"))
        answer = turns[turn][1]
        if answer is None or turn < 0 or number < 0:
            return None
        if kind == "citation":
            citation = answer.citations[number]
            quote, span = (
                (citation.start, citation.end),
                (citation.answer_start, citation.answer_end),
            )
            article = store.article(citation.article.id)
        else:
            passage = answer.passages[number]
            quote, span = (passage.start, passage.end), None
            article = store.article(passage.article.id)
    except (ValueError, IndexError):
        return None
    return html.article_page(article, quote, span) if article else None


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
    try:
        page.queue(default_concurrency_limit=4).launch(
            server_name=host, server_port=port, quiet=True, footer_links=[], css_paths=_STYLE, theme=_theme(),
            ssr_mode=False, enable_monitoring=False, prevent_thread_lock=True, share=False,
        )  # fmt: skip
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error}); give another --port"
        ) from error
    click.echo(f"Quoth is at http://{host}:{port} (stop with Ctrl-C)")
    page.block_thread()


def _theme() -> gr.themes.Base:
    """Fonts of the system only: nothing is fetched from anywhere. The rest is page.css."""
    sans = ("system-ui", "Segoe UI", "Liberation Sans", "Helvetica", "Arial", "sans-serif")
    mono = ("ui-monospace", "Liberation Mono", "Consolas", "monospace")
    return gr.themes.Base(primary_hue="stone", neutral_hue="stone", font=sans, font_mono=mono)


if __name__ == "__main__":
    main()
