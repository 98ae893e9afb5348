"""The command line: commands, JSON, one-line errors, exit status."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa.cli import main
from tests.fakes import FakeEncoder, FakeReader


@pytest.fixture(autouse=True)
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands load models by name; here the names stand for fakes."""
    scores = {"Tom Ferrow": 9.0, "42": 8.0}
    monkeypatch.setattr(
        "embeddings.encoder.SentenceEncoder",
        lambda name=None: FakeEncoder(name or "all-MiniLM-L6-v2"),
    )
    monkeypatch.setattr(
        "qa.session.SentenceEncoder", lambda name=None: FakeEncoder(name or "all-MiniLM-L6-v2")
    )
    monkeypatch.setattr("qa.session.SpanReader", lambda name=None: FakeReader(scores))


def run(*args: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], input=stdin)


def test_index_then_ask_show_list(news: Path) -> None:
    """The default index serves the other commands."""
    done = run("index", news)
    assert done.exit_code == 0, done.output
    assert "3 new, 0 changed, 0 unchanged, 0 forgotten, 0 problems" in done.stdout
    answer = run("ask", "Who owns the bakery in Mill Lane?")
    assert answer.stdout.startswith("Tom Ferrow\n")
    assert "“Its owner, Tom Ferrow, bakes 300 loaves a day.”" in answer.stdout
    assert "[1] bakery.txt — Bakery opens in Harlow" in answer.stdout
    assert "\x1b" not in answer.stdout
    listed = run("list")
    assert [line.split("\t")[0] for line in listed.stdout.splitlines()] == [
        "bakery.txt",
        "bridge.txt",
        "storm.txt",
    ]
    shown = run("show", "bridge.txt")
    assert "title: Old bridge closes for repair" in shown.stdout
    assert "The Harlow bridge closed on 3 May 2019." in shown.stdout


def test_a_refusal_is_an_answer(news: Path) -> None:
    """Not found is said with the closest passages, and is no error."""
    result = run("ask", "Who painted the ceiling?", "--corpus", news / "storm.txt")
    assert result.exit_code == 0
    assert result.stdout.startswith("Not found.")
    assert "Closest passages:" in result.stdout


def test_questions_in_answers_out(news: Path, tmp_path: Path) -> None:
    """One JSON object on one line for each question, bad lines named, the rest answered."""
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        '{"id": "a", "question": "Who owns the bakery in Mill Lane?", "history": []}\n'
        "\n{broken\n"
        '{"id": 7, "question": "How many cars crossed the bridge?"}\n'
        '{"id": "c"}\n'
    )
    result = run("ask", "--questions", questions, "--json", "--corpus", news)
    assert result.exit_code == 1
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(a["id"], a["text"]) for a in answers] == [("a", "Tom Ferrow"), ("7", "42")]
    assert [line.split(",")[1].split(":")[0].strip() for line in result.stderr.splitlines()] == [
        "line 3",
        "line 5",
    ]
    piped = run(
        "ask",
        "--questions",
        "-",
        "--json",
        "--corpus",
        news,
        stdin='{"question": "Who owns the bakery?"}\n',
    )
    assert json.loads(piped.stdout)["question"] == "Who owns the bakery?"


def test_doctor_mends_what_is_derived(news: Path, tmp_path: Path) -> None:
    """A missing FAISS file is made again; a damaged database is reported."""
    place = tmp_path / "index"
    run("index", news, "--index", place)
    assert "indexes:  sound" in run("doctor", "--index", place).stdout
    next(place.glob("derived-*/dense.faiss")).unlink()
    assert "made again" in run("doctor", "--index", place).stdout
    assert "indexes:  sound" in run("doctor", "--index", place).stdout
    database = place / "quoth.sqlite"
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    database.write_bytes(content)
    broken = run("doctor", "--index", place)
    assert broken.exit_code == 1
    assert "damaged" in broken.stderr or "not a usable" in broken.stderr


def test_another_encoder_is_rebuilt(news: Path, tmp_path: Path) -> None:
    """The message of the refusal holds the command that mends it."""
    place = tmp_path / "index"
    run("index", news, "--index", place)
    refused = run("index", news, "--index", place, "--encoder", "other")
    assert refused.exit_code == 1
    assert "--rebuild" in refused.stderr
    assert run("index", "--rebuild", "--index", place, "--encoder", "other").exit_code == 0
    assert run("index", news, "--index", place, "--encoder", "other").exit_code == 0


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["ask", "Who?", "--corpus", "nowhere"], 1, "no such file or folder"),
        (["ask", "Who?", "--index", "nowhere"], 1, "no index here"),
        (["index", "nowhere"], 1, "no such file or folder"),
        (["show", "nothing"], 1, "quoth list"),
        (["doctor", "--index", "nowhere"], 1, "no index here"),
        (["index", "--rebuild", "--index", "nowhere"], 1, "no index here to rebuild"),
        (["ask"], 2, "give one QUESTION"),
        (["index"], 2, "nothing to index"),
        (["ask", "--questions", "nowhere.jsonl"], 2, "nowhere.jsonl"),
    ],
)
def test_bad_input_gets_one_line(args: list[str], status: int, message: str) -> None:
    """What was found and how to mend it, on standard error, without a traceback."""
    result = run(*args)
    assert result.exit_code == status
    assert message in result.stderr
    assert "Traceback" not in result.output
    if status == 1:
        assert len(result.stderr.strip().splitlines()) == 1


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    """An article cannot move the cursor or set colours."""
    (tmp_path / "a.md").write_text('---\ntitle: "\\e[2JTitle"\n---\nTom Ferrow \x1b[31mwas here.')
    run("index", tmp_path)
    for args in (["show", "a.md"], ["list"], ["ask", "Who was here?"]):
        assert "\x1b" not in run(*args).stdout


def test_help_is_quick_and_documents_every_command() -> None:
    """Help loads no model library, and names all commands."""
    code = (
        "import sys; from qa.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "bad = {'torch', 'transformers', 'faiss', 'tantivy', 'sentence_transformers', 'gradio'} & set(sys.modules)\n"
        "sys.exit(f'imported {bad}' if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    for name, command in main.commands.items():
        assert name in done.stdout
        assert command.help
        assert f"quoth {name}" in readme
