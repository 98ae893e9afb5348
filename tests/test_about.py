"""What the page says of its own quality."""

import re

from qa.page.about_tab import FIGURES
from tests.test_architecture import ROOT


def test_the_figures_are_those_of_the_readme() -> None:
    """Each figure that *How it works* shows stands in the README, too: none is older than the other."""
    readme = (ROOT / "README.md").read_text()
    for what, figure in FIGURES:
        number = re.search(r"\d+ of \d\d(?!\d)|\d+\.\d|\d+", figure)
        assert number, what
        assert re.search(rf"(?<![\d.]){re.escape(number[0])}(?![\d.]*\d)", readme), (what, figure)
