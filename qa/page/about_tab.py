"""The tab that says how it works, how good it is and what it cannot do."""

import gradio as gr

from qa.page.desk import Desk
from qa.page.markup import escape

__all__ = ["about_tab"]

_HOW = (
    ("It finds", "The articles are cut into passages of whole sentences. For a question the passages that matter are found by meaning (a sentence encoder) and by words (BM25)."),
    ("It reads", "A reader, a small network trained to mark the answer to a question in a text, reads the best of them, eight at most, and marks spans."),
    ("It weighs", "Each span gets a probability of being right. Spans that say the same are counted by article, copies of one text once; spans that say otherwise of the same fact are shown beside."),
    ("It quotes", "What you see stands letter for letter in an article, and the button under each quote opens it there. If no span is likely enough, it says that it has not found an answer."),
)  # fmt: skip

FIGURES = (
    ("Answers of SQuAD 1.1’s dev set, each question with its paragraph", "F1 85.7 of 100"),
    ("The same of SQuAD 2.0, half of whose questions have no answer", "F1 74.6 of 100"),
    ("Half of the articles taken out: rightly answered or rightly refused", "92 of 100"),
    (
        "Pairs of articles, many of which only seem to differ: shown disagreements that are real, on pairs new to it",
        "65 of 100",
    ),
    ("Follow-up questions answered right, in conversations over the bundled articles", "84 of 108"),
)
"""Measured figures, as the README has them."""

_LIMITS = (
    "It can be wrong, also when it is confident. Read the quote, then the article.",
    "It answers with what stands in the articles, true or not; it takes no side.",
    "It does not count, compare or conclude: it answers what a sentence of an article says.",
    "It is easily taken in by look-alikes: many shown disagreements are none, and some are missed.",
    "The reader was trained on English. Other languages are found and read less well.",
    "Follow-ups are understood from the conversation by rules; it shows how, and you can edit it.",
)


def about_tab(desk: Desk) -> None:
    """Build the tab."""
    steps = "".join(f"<li><strong>{name}.</strong> {escape(told)}</li>" for name, told in _HOW)
    rows = "".join(f"<tr><td>{escape(what)}</td><td>{figure}</td></tr>" for what, figure in FIGURES)
    limits = "".join(f"<li>{escape(limit)}</li>" for limit in _LIMITS)
    threshold = f"{desk.session.threshold:.0%}"
    gr.HTML(
        f'<div class="about-page"><h2>How it works</h2><ol>{steps}</ol>'
        '<h2>How good it is</h2><div class="table"><table><thead><tr><th scope="col">Measured on</th><th scope="col">Figure</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div><p>Here an answer is shown if it is at least {threshold} likely to be right.</p>"
        f"<h2>What it cannot do</h2><ul>{limits}</ul>"
        "<h2>What it keeps</h2><p>Everything stays on the computer that serves this page: no question, article or answer is sent "
        "anywhere else. Your conversation is kept there for 90 days at most, so that it survives a reload; “New conversation” deletes it. "
        "What you say of an answer is kept without your name.</p></div>",
        js_on_load=None, elem_id="about",
    )  # fmt: skip
