"""The README is true: what it shows as output is the output."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from qa.cli import main
from qa.confidence import Calibration
from qa.reader import WEIGHTS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(
    r"```console\n\$ quoth (?P<args>[^\n]*)\n(?P<output>.*?)```", README, re.DOTALL
)


def test_there_are_examples() -> None:
    """An answer and a refusal on the first screen."""
    assert len(EXAMPLES) >= 2
    assert README.index("```console") < 800


@pytest.mark.models
@pytest.mark.parametrize(("args", "output"), EXAMPLES)
def test_an_example_prints_what_the_readme_says(args: str, output: str) -> None:
    """Commands and their output; the confidence may differ by the CPU's precision."""
    printed = CliRunner().invoke(main, shlex.split(args)).output
    percent = re.compile(r"confidence \d+%")
    assert percent.sub("confidence", printed).strip() == percent.sub("confidence", output).strip()


def test_links_lead_somewhere() -> None:
    """Every relative link of the README and of CONTRIBUTING is a file."""
    for name in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text()):
            assert target.startswith("http") or (ROOT / target).exists(), target


def test_the_threshold_is_the_shipped_one() -> None:
    """Below which confidence an answer is withheld: it changes with the weights."""
    (said,) = re.findall(r"below (0\.\d+) an answer is withheld", README)
    assert float(said) == Calibration.beside(WEIGHTS).threshold
