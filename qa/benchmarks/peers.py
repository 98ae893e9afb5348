"""Quoth beside other systems, on the same texts with the same models: ``python -m qa.benchmarks.peers FILE``.

txtai, Haystack and LlamaIndex, each in a process of its own and with its own defaults otherwise
(``qa/benchmarks/peer_systems.py``). The corpus is the paragraphs without their titles, and every question has its
answer in one of them. A peer runs in the Python named for it (``--python haystack=PATH``), where its
packages are installed; one that is not installed is left out and named. On the CPU, offline.
Times are compared within one run: machines and their neighbours differ.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np

from corpus.errors import CorpusError, QuothError
from embeddings.packaged import packaged_folder
from qa.benchmarks import peer_systems
from qa.benchmarks.peer_systems import Result, Task
from qa.console import reporting
from qa.datasets import Question, QuestionSet, read_squad
from qa.evaluation import sample
from qa.metrics import score
from qa.reader import WEIGHTS

__all__ = ["figures", "measured_apart", "part_of"]

_WARM_UP = 5  # questions asked before those that count
_ROOT = Path(__file__).parents[2]
_OFFLINE = {
    "HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False", "CUDA_VISIBLE_DEVICES": "",
    "PYTHONPATH": "",
}  # fmt: skip
_COLUMNS = (
    ("build_s", "build s"), ("paragraphs_per_s", "paragr./s"), ("p50_ms", "p50 ms"),
    ("p95_ms", "p95 ms"), ("exact_match", "EM"), ("f1", "F1"), ("recall@1", "recall@1"),
    ("recall@5", "recall@5"), ("citation_accuracy", "cites"), ("peak_gb", "peak GB"),
)  # fmt: skip


def part_of(data: QuestionSet, paragraphs: int, questions: int, seed: int) -> QuestionSet:
    """So many of the paragraphs, chosen at random, and of the questions about them that have an answer.
    Raises CorpusError if there are none."""
    kept = sample(range(len(data.paragraphs)), paragraphs, seed)
    place = {paragraph: number for number, paragraph in enumerate(kept)}
    about = [q for q in data.questions if q.answers and q.paragraph in place]
    if not about:
        raise CorpusError("no questions that have an answer; expected some")
    return QuestionSet(
        tuple(data.paragraphs[i] for i in kept),
        tuple(replace(q, paragraph=place[q.paragraph]) for q in sample(about, questions, seed)),
    )


def measured_apart(name: str, python: str, task: Task) -> Result:
    """The result of a system in a process of its own. Raises QuothError, saying why, if it is not
    installed there or fails."""
    with TemporaryDirectory(prefix="quoth-") as folder:
        given, result = Path(folder, "task.json"), Path(folder, "result.json")
        given.write_text(json.dumps(task), encoding="utf-8")
        ours = {"PYTHONPATH": str(_ROOT)} if name == "quoth" else {}
        try:
            done = subprocess.run(  # noqa: S603
                [python, "-P", peer_systems.__file__, name, given, result],
                env={**os.environ, **_OFFLINE, **ours}, capture_output=True, text=True, check=False,
            )  # fmt: skip
        except OSError as error:
            raise QuothError(f"{python}: {error.strerror}") from error
        if not result.exists():
            raise QuothError((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])
        found: Any = json.loads(result.read_text(encoding="utf-8"))
    if "missing" in found:
        raise QuothError(f"not installed: {found['missing']}")
    measured: Result = found
    return measured


def figures(found: Result, questions: Sequence[Question], paragraphs: int) -> dict[str, Any]:
    """What a result says: percentages, but times, rates, memory and counts.

    Recall is of the right paragraph, ``citation_accuracy`` the share of answers from it among those
    given; None where a system does not answer or does not say where from.
    """
    answers = found["answers"]
    scores = [
        score(text or "", q.answers)
        for text, q in zip(answers or (), questions, strict=answers is not None)
    ]
    right = [
        cited == q.paragraph
        for cited, q in zip(found["cited"], questions, strict=True)
        if cited is not None
    ]
    ranked = list(zip(found["ranked"], questions, strict=True))
    return {
        "build_s": round(found["build"], 2),
        "paragraphs_per_s": round(paragraphs / found["build"], 1),
        "p50_ms": round(float(np.percentile(found["ms"], 50)), 1),
        "p95_ms": round(float(np.percentile(found["ms"], 95)), 1),
        "exact_match": _percent([exact for exact, _ in scores]),
        "f1": _percent([f1 for _, f1 in scores]),
        "recall@1": _percent([q.paragraph in places[:1] for places, q in ranked]),
        "recall@5": _percent([q.paragraph in places[:5] for places, q in ranked]),
        "citation_accuracy": _percent(right),
        "peak_gb": round(found["peak_bytes"] / 1e9, 2),
        "load_s": round(found["load"], 2),
        "unanswered": None if answers is None else sum(not text for text in answers),
        "errors": len(found["errors"]),
        "first_error": next(iter(found["errors"]), None),
        "versions": found["versions"],
    }


def _percent(values: Sequence[float]) -> float | None:
    return round(100 * sum(values) / len(values), 1) if values else None


def _pythons(_: Any, __: Any, values: Sequence[str]) -> dict[str, str]:
    found = dict(value.partition("=")[::2] for value in values)
    for name, path in found.items():
        if name not in peer_systems.SYSTEMS or name == "quoth" or not path:
            names = ", ".join(list(peer_systems.SYSTEMS)[1:])
            raise click.BadParameter(f"expected NAME=PATH with a NAME of {names}")
    return found


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--questions", default=300, type=click.IntRange(1), help="Questions asked.")
@click.option("--paragraphs", default=2000, type=click.IntRange(1), help="Paragraphs indexed.")
@click.option("--reader", default=WEIGHTS, type=click.Path(exists=True, path_type=Path))
@click.option("--python", "pythons", multiple=True, metavar="NAME=PATH", callback=_pythons,
              help="The Python that has a peer; may be repeated.")  # fmt: skip
@click.option("--seed", default=0)
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the figures here, too.")
@reporting
def main(file: Path, questions: int, paragraphs: int, reader: Path, pythons: dict[str, str],
         seed: int, out: Path | None) -> None:  # fmt: skip
    """Compare Quoth, txtai, Haystack and LlamaIndex on a SQuAD-format FILE."""
    data = part_of(read_squad(file), paragraphs, questions + _WARM_UP, seed)
    warm_up, asked = data.questions[:_WARM_UP], data.questions[_WARM_UP:] or data.questions
    task = Task(
        encoder=str(packaged_folder()),
        reader=str(reader.absolute()),
        texts=[paragraph.text for paragraph in data.paragraphs],
        warm_up=[question.text for question in warm_up],
        questions=[question.text for question in asked],
    )
    click.echo(f"{len(data.paragraphs)} paragraphs, {len(asked)} questions, {os.cpu_count()} cores")
    click.echo(f"{'':<11}" + "".join(f"{title:>10}" for _, title in _COLUMNS))
    found: dict[str, Any] = {}
    notes: list[str] = []
    for name in peer_systems.SYSTEMS:
        try:
            result = measured_apart(name, pythons.get(name, sys.executable), task)
        except QuothError as error:
            found[name] = {"left_out": str(error)}
            notes.append(f"{name} left out: {error}")
            continue
        row = found[name] = figures(result, asked, len(data.paragraphs))
        cells = ("–" if row[key] is None else str(row[key]) for key, _ in _COLUMNS)
        click.echo(f"{name:<11}" + "".join(f"{cell:>10}" for cell in cells))
        notes.append(f"{name}: " + ", ".join(f"{k} {v}" for k, v in row["versions"].items()))
        if row["unanswered"]:
            notes[-1] += f"; {row['unanswered']} unanswered"
        if row["errors"]:
            notes[-1] += f", {row['errors']} of them errors ({row['first_error']})"
    click.echo("\n".join(notes))
    if out:
        about = {"file": file.name, "paragraphs": len(data.paragraphs), "questions": len(asked),
                 "seed": seed, "cores": os.cpu_count(), "reader": reader.name}  # fmt: skip
        out.write_text(json.dumps({**about, "systems": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
