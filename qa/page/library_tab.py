"""The tab with the articles: found in a table, read, added and removed."""

from typing import Any

import gradio as gr

from corpus.reading import suffixes
from qa.page.desk import Desk
from qa.page.markup import escape
from qa.page.scripts import ASKING_TWICE, LISTED, READING, TAKING_IN, TIMELINE, TO_FINDING
from qa.page.shelving import ALL, ROWS, Shelving

__all__ = ["library_tab"]

_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_STOPPED = '<p class="hint" role="status">Stopped; what was taken in stays.</p>'
_UNREAD = '<p class="hint">Choose an article to read it here.</p>'


def library_tab(desk: Desk, tab: gr.Tab) -> None:
    """Build the tab and tell what happens in it."""
    does, changing = Shelving(desk), not desk.library.read_only
    first, chosen = gr.State(0), gr.State("")
    with gr.Row(equal_height=False, elem_classes="desk"):
        with gr.Column(scale=7, min_width=280):
            with gr.Row(elem_classes="finding"):
                text = gr.Textbox(
                    label="Find",
                    placeholder="Title, publisher or author",
                    elem_id="find",
                    max_lines=1,
                    scale=3,
                    min_width=160,
                )
                publisher = gr.Dropdown(
                    label="Publisher",
                    choices=[ALL],
                    value="",
                    allow_custom_value=True,  # one that is gone since is no error
                    elem_id="of-publisher",
                    scale=2,
                    min_width=140,
                )
                since = gr.Textbox(
                    label="From",
                    placeholder="2024-05",
                    elem_id="listed-since",
                    max_lines=1,
                    scale=1,
                    min_width=110,
                )
                until = gr.Textbox(
                    label="Until",
                    placeholder="2024-05",
                    elem_id="listed-until",
                    max_lines=1,
                    scale=1,
                    min_width=110,
                )
            every = gr.Button("Show all", size="sm", visible=False, elem_id="every")
            with gr.Row(visible=False, elem_classes="confirm") as confirm:
                asked = gr.HTML("", js_on_load=ASKING_TWICE)
                yes = gr.Button("Remove", size="sm", elem_id="remove")
                no = gr.Button("Keep", size="sm", elem_id="keep")
            listed = gr.HTML("", js_on_load=LISTED, elem_id="listed")
            with gr.Row(elem_classes="saving"):
                before = gr.Button("← Newer", size="sm", interactive=False, elem_id="newer")
                after = gr.Button("Older →", size="sm", interactive=False, elem_id="older")
                look = gr.Button(
                    "Look for new and changed articles", size="sm", elem_id="refresh",
                    visible=changing and desk.session.corpus is not None,
                )  # fmt: skip
            published = gr.HTML("", js_on_load=TIMELINE, elem_id="timeline")
        with gr.Column(scale=5, min_width=280, elem_classes="source"):
            reading = gr.HTML(_UNREAD, js_on_load=READING, elem_id="reading")
    with gr.Row(equal_height=False, elem_classes="desk shelf"):
        with gr.Column(scale=7, min_width=280, visible=changing, elem_classes="adding"):
            kinds = sorted(suffixes())
            gr.HTML(
                f'<h2 class="panel">Add articles</h2><p class="hint">Files of the kinds {escape(", ".join(kinds))}. '
                f"They stay on the computer that serves this page.{_whose(desk)}</p>",
                js_on_load=None,
            )
            files = gr.File(
                label="Articles to add", show_label=False, file_count="multiple", height=130,
                elem_id="files",
            )  # fmt: skip
            folder = gr.UploadButton(
                "Add a whole folder", file_count="directory", size="sm", elem_id="folder"
            )
            going = gr.HTML("", js_on_load=TAKING_IN, elem_id="going")
            stop = gr.Button("Cancel", size="sm", visible=False, elem_id="cancel")
            wrong = gr.HTML("", js_on_load=None, elem_id="wrong")
        with gr.Column(scale=5, min_width=280):
            health = gr.HTML("", js_on_load=None, elem_id="health")
    finding: dict[str, Any] = {
        "fn": does.find, "inputs": [text, publisher, since, until, first],
        "outputs": [listed, before, after, first, every], **_PRIVATE,
    }  # fmt: skip
    anew = finding | {"fn": does.find_anew, "inputs": [text, publisher, since, until]}
    opening: dict[str, Any] = {
        "fn": does.open,
        "outputs": [published, health, publisher],
        **_PRIVATE,
    }
    tab.select(**finding).then(**opening)
    gr.on([text.submit, publisher.input, since.submit, until.submit], **anew)
    # One request at a time while one types.
    text.change(**anew, trigger_mode="always_last")
    gr.on([since.change, until.change], **anew | {"fn": does.typed}, trigger_mode="always_last")
    gr.on([since.blur, until.blur], **anew | {"fn": does.left})
    every.click(lambda: ("",) * 4, None, [text, publisher, since, until], **_PRIVATE).then(
        **anew
    ).then(None, None, None, js=TO_FINDING, **_PRIVATE)
    before.click(lambda at: max(0, at - ROWS), [first], [first], **_PRIVATE).then(**finding)
    after.click(lambda at: at + ROWS, [first], [first], **_PRIVATE).then(**finding)
    for panel in (listed, published, reading):
        panel.select(does.press, None, [reading, since, until, chosen, asked, confirm], **_PRIVATE)
    if not changing:
        return
    look.click(
        does.refresh, None, [health], **_PRIVATE | {"show_progress": "full"}, concurrency_limit=1
    ).then(**opening).then(**finding)
    yes.click(does.remove, [chosen], [chosen, confirm], **_PRIVATE).then(**opening).then(**finding)
    no.click(lambda: ("", gr.update(visible=False)), None, [chosen, confirm], **_PRIVATE)
    work = [
        sent.upload(does.add, [sent], [going, wrong, stop], concurrency_limit=2, **_PRIVATE)
        for sent in (files, folder)
    ]
    for done in work:
        done.then(lambda: None, None, [files], **_PRIVATE).then(**opening).then(**finding)
    stopped: dict[str, Any] = {
        "fn": lambda: (_STOPPED, gr.update(visible=False), None),
        "outputs": [going, stop, files],
        **_PRIVATE,
    }
    # Said again at the end: a step that was on its way may have come in between.
    stop.click(**stopped, cancels=work).then(**opening).then(**finding).then(**stopped)


def _whose(desk: Desk) -> str:
    return " Only you see what you add." if desk.private else ""
