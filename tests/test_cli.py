"""The command line: commands, JSON, one-line errors, exit status."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus import Article, Passage
from corpus.errors import UnusableIndexError
from embeddings.database import DATABASE
from embeddings.store import Entry, Store
from qa import Quoth
from qa.cli import main
from qa.places import default_index
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
    for place in ("qa.session.SpanReader", "qa.reader.SpanReader"):
        monkeypatch.setattr(place, lambda name=None: FakeReader(scores))


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
    assert result.stdout.startswith("Not found in 1 article.")
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


def test_what_was_indexed_before_ctrl_c_is_kept(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says so; what was done can be asked, and the next run does the rest."""
    from embeddings.index import Index

    sync = Index.sync

    def stopped(self: Index, path: Path, progress: object = None) -> None:
        sync(self, news / "bakery.txt")
        raise KeyboardInterrupt

    place = tmp_path / "index"
    with monkeypatch.context() as patch:
        patch.setattr(Index, "sync", stopped)
        result = run("index", news, "--index", place)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "the same command goes on" in result.stderr
    assert run("list", "--index", place).stdout.count("\n") == 1
    assert "2 new, 0 changed, 1 unchanged" in run("index", news, "--index", place).stdout


def test_doctor_mends_what_is_derived(news: Path, tmp_path: Path) -> None:
    """A missing FAISS file is made again; a damaged database is reported."""
    place = tmp_path / "index"
    run("index", news, "--index", place)
    assert "indexes:  sound" in run("doctor", "--index", place).stdout
    next(place.glob("derived-*/lexical/meta.json")).unlink()
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
        (["index", "--rebuild", "--index", "nowhere"], 1, "no index here"),
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


CONTROLS = "\x1b[2J\x9b31m\x07\u202e"


def test_control_characters_do_not_reach_the_terminal(news: Path, tmp_path: Path) -> None:
    """An article cannot move the cursor, set colours or turn the writing around."""
    run("index", news)
    store = Store(default_index())
    article = Article(
        "x", f"Title{CONTROLS}", f"Tom Ferrow was {CONTROLS} here.", publisher=CONTROLS
    )
    vectors = FakeEncoder().encode([article.text])
    store.put([Entry("x", article, [Passage("x", 0, len(article.text))], vectors)])
    for args in (
        ["show", "x"],
        ["list"],
        ["ask", "Tom Ferrow was here?"],
        ["show", f"no{CONTROLS}"],
    ):
        result = CliRunner().invoke(main, args, color=True)
        printed = re.sub(r"\x1b\[[0-9;]*m", "", result.output)
        assert not set(CONTROLS) & set(printed) - set("[2J31m"), args


def test_a_cleaned_article_holds_no_control_characters(tmp_path: Path) -> None:
    """So that JSON and `show` print the same text."""
    (tmp_path / "a.txt").write_text(f"Tom Ferrow was{CONTROLS[:-1]} here.")
    run("index", tmp_path)
    text = json.loads(run("show", "a.txt", "--json").stdout)["text"]
    assert not {"\x1b", "\x9b", "\x07"} & set(text)
    assert run("show", "a.txt").stdout.rstrip("\n").endswith(text)


@pytest.mark.parametrize("command", [["doctor"], ["list"], ["ask", "Who?"], ["show", "x"]])
def test_no_damage_gives_a_traceback(news: Path, tmp_path: Path, command: list[str]) -> None:
    """Any page of the database overwritten: an answer or one line, and never an exception."""
    place = tmp_path / "index"
    run("index", news, "--index", place)
    with closing(sqlite3.connect(place / DATABASE)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (place / DATABASE).read_bytes()
    for page in range(len(content) // 4096):
        damaged = content[: page * 4096] + b"\xa5" * 4096 + content[(page + 1) * 4096 :]
        (place / DATABASE).write_bytes(damaged)
        for log in place.glob(f"{DATABASE}-*"):
            log.unlink()
        result = run(*command, "--index", place)
        assert isinstance(result.exception, SystemExit | None), (page, result.exception)
        if result.exit_code:
            assert len(result.stderr.strip().splitlines()) == 1


def test_an_index_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A mistyped name is said, in Python too."""
    with pytest.raises(UnusableIndexError, match="no index here"):
        Quoth(index=tmp_path / "typo")
    assert not (tmp_path / "typo").exists()


def test_forget_takes_articles_out(news: Path) -> None:
    """Also when the files are gone."""
    run("index", news)
    (news / "storm.txt").unlink()
    assert "1 forgotten" in run("index", "--forget", news / "storm.txt").stdout
    assert len(run("list").stdout.splitlines()) == 2


def test_questions_of_odd_bytes(news: Path, tmp_path: Path) -> None:
    """Broken Unicode and endless nesting cost one line each, not the rest."""
    questions = tmp_path / "q.jsonl"
    questions.write_bytes(
        b'{"question": "caf\xe9 bakery?"}\n{"question": "\\ud83d bakery?"}\n'
        + b"[" * 100_000
        + b'\n{"question": "Who owns the bakery?"}\n'
    )
    result = run("ask", "--questions", questions, "--json", "--corpus", news)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 3
    assert "line 3" in result.stderr


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


def test_evaluate(tmp_path: Path) -> None:
    """Figures for people and for programs; a bad file is named and the others are measured."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    qas = [
        {"question": "How many cars?", "answers": [{"text": "42", "answer_start": 0}]},
        {"question": "Who?", "answers": [], "is_impossible": True},
    ]
    good.write_text(json.dumps({"data": [{"paragraphs": [{"context": "42 cars.", "qas": qas}]}]}))
    bad.write_text("no")
    reading = json.loads(run("evaluate", good, "--json").stdout)
    assert reading == {
        "file": str(good), "mode": "reading", "questions": 2, "exact_match": 50.0, "f1": 50.0,
        "best_f1": 50.0, "best_threshold": reading["best_threshold"], "has_answer_f1": 100.0,
        "no_answer_accuracy": 0.0,
    }  # fmt: skip
    shown = run("evaluate", bad, good, "--mode", "open", "--limit", 2)
    assert shown.exit_code == 1
    assert shown.stderr.count("\n") == 1
    assert "bad.json: not a SQuAD-format JSON file" in shown.stderr
    assert re.search(r"recall@1 +100.00 %", shown.stdout)
    assert re.search(r"questions +2$", shown.stdout, re.M)


def test_a_threshold_withholds_answers(news: Path) -> None:
    """What is less likely than asked for is withheld; what is no probability is refused."""
    asked = ("ask", "Who owns the bakery in Mill Lane?", "--corpus", news)
    assert run(*asked, "--threshold", "0.01").stdout.startswith("Tom Ferrow")
    assert "Tom Ferrow\n" not in run(*asked, "--threshold", 1).stdout.splitlines()[0]
    assert run(*asked, "--threshold", 2).exit_code == 2


def test_a_file_of_questions_with_history(news: Path, tmp_path: Path) -> None:
    """A follow-up in a file is resolved with the questions before it; a wrong history is named."""
    file = tmp_path / "q.jsonl"
    file.write_text(
        '{"question": "Who painted it?", "history": ["When was the bakery in Mill Lane opened?"]}\n'
        '{"question": "Who painted it?", "history": "no list"}\n'
    )
    result = run("ask", "--questions", file, "--json", "--corpus", news)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["resolved_question"] == "Who painted the bakery in Mill Lane?"
    assert '"history" is not a list of questions' in result.stderr


def test_explain(news: Path) -> None:
    """Why this answer: passages, spans and threshold, as text and as JSON."""
    asked = ("ask", "Who owns the bakery in Mill Lane?", "--corpus", news, "--explain")
    text = run(*asked).stdout
    assert "Spans weighed" in text
    assert "An answer needs" in text
    data = json.loads(run(*asked, "--json").stdout)
    assert data["weighed"][0]["confidence"] == data["confidence"]
    assert data["weighed"][0]["passage"] >= 1
    assert 0 < data["threshold"] < 1
