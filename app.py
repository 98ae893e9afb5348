"""The page: ask in a chat, check every quote in its article; and the ways in for programs.

``python app.py`` serves the bundled articles on http://127.0.0.1:7860.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from qa.console import (
    PATH,
    corpus_option,
    encoder_option,
    index_option,
    open_session,
    reader_option,
    reporting,
)
from qa.session import Quoth

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr  # after the variable above, which it reads when it is imported

from qa.conversations import Conversations
from qa.feedback import Feedback
from qa.library import Library, Limits
from qa.page import desk
from qa.page.about_tab import about_tab
from qa.page.ask_tab import ask_tab
from qa.page.desk import Desk
from qa.page.library_tab import library_tab
from qa.page.scripts import THEME
from qa.serving.heaps import share_heaps
from qa.serving.programs import offer
from qa.serving.server import Serving, check, serve

__all__ = ["build"]

_STYLE = Path(desk.__file__).with_name("page.css")

_ABOUT = (
    "Quoth answers only with words that stand in the articles, and says where. It writes nothing "
    "itself, takes no side, and can be wrong: read the quote. Nothing leaves the computer that serves "
    "this page."
)


def build(
    session: Quoth, *, read_only: bool = False, private: bool = False, upload_mb: float = 20
) -> gr.Blocks:  # fmt: skip
    """The page over a session, and what programs call, ready to be served.

    Of a ``read_only`` library nothing can be added or removed; with ``private`` each user sees
    only their own additions. ``upload_mb`` is the size of a file that may be added.
    """
    limits = replace(Limits(), file=int(upload_mb * 1_000_000))
    library = Library(session, read_only=read_only, limits=limits)
    folder = session.index.folder
    desk = Desk(session, library, Conversations(folder), Feedback(folder), private)
    with gr.Blocks(title="Quoth", analytics_enabled=False, fill_width=True) as page:
        gr.HTML(
            '<header class="masthead"><h1>Quoth</h1><button type="button" id="theme" class="tool">Dark</button>'
            f"<p>{_ABOUT}</p></header>",
            js_on_load=None,
        )
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask"):
                ask_tab(desk, page)
            with gr.Tab("Library", id="library") as tab:
                library_tab(desk, tab)
            with gr.Tab("How it works", id="about"):
                about_tab(desk)
        page.load(None, None, None, js=THEME, api_visibility="private")
        offer(library)
    return page.queue(default_concurrency_limit=4)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", default=7860, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--auth", type=PATH, metavar="FILE",
    help='Only the users of this file may come in; "quoth users add NAME --file FILE" makes it.',
)  # fmt: skip
@click.option("--open-to-all", is_flag=True, help="Listen on other addresses without --auth.")
@click.option("--read-only", is_flag=True, help="Nobody can add or remove articles on the page.")
@click.option(
    "--root-path",
    default="",
    metavar="PATH",
    help="Where a proxy shows the page, such as /quoth or a whole address.",
)
@click.option(
    "--rate",
    default="120/minute",
    help="Questions, calls and uploads of one client; what else is done on the page counts a tenth.",
)
@click.option("--upload-mb", default=20, type=click.IntRange(1), help="Size of one uploaded file.")
@click.option(
    "--log",
    default="none",
    type=click.Choice(["none", "text", "json"]),
    help="A line for each request on standard error, without what was asked.",
)
@corpus_option
@index_option
@encoder_option
@reader_option
@reporting
def main(
    host: str, port: int, auth: Path | None, open_to_all: bool, read_only: bool, root_path: str,
    rate: str, upload_mb: int, log: str, **where: Any,
) -> None:  # fmt: skip
    """Serve the page over a corpus or an index (default: as "quoth ask" does)."""
    share_heaps()
    options = Serving(
        host=host, port=port, users=auth, open_to_all=open_to_all, root_path=root_path, rate=rate,
        upload_mb=upload_mb, log=log,
    )  # fmt: skip
    check(options)
    session = open_session(**where)
    # Whoever may come in without a name shall not fill the disk.
    changing = not read_only and not (open_to_all and auth is None)
    page = build(
        session, read_only=not changing, private=auth is not None, upload_mb=upload_mb
    )  # fmt: skip
    articles, passages = session.index.store.counts()
    click.echo(f"{articles} articles in {passages} passages")
    serve(page, options, theme=_theme(), css_paths=[_STYLE])


def _theme() -> gr.themes.Base:
    """Fonts of the system only: nothing is fetched from anywhere. The rest is page.css."""
    sans = ("system-ui", "Segoe UI", "Liberation Sans", "Helvetica", "Arial", "sans-serif")
    mono = ("ui-monospace", "Liberation Mono", "Consolas", "monospace")
    return gr.themes.Base(primary_hue="stone", neutral_hue="stone", font=sans, font_mono=mono)


if __name__ == "__main__":
    main()
