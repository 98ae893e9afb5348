"""Exported answers: what is exported can be verified, and what was changed is found."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from corpus import Article
from corpus.errors import CorpusError
from qa import Answer, Quoth
from qa.citing import cite
from qa.cli import main
from qa.confidence import Evidence
from qa.decision import Candidate
from qa.export import bibtex, csl_json, markdown
from qa.page.markup import who_and_when
from qa.result import Source
from qa.verify import check
from tests.fakes import FakeEncoder, FakeReader

QUESTION = "Who owns the bakery in Mill Lane?"


@pytest.fixture(autouse=True)
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.encoder.SentenceEncoder", lambda name=None: FakeEncoder())
    monkeypatch.setattr("qa.session.SentenceEncoder", lambda name=None: FakeEncoder())
    monkeypatch.setattr("qa.session.SpanReader", lambda name=None: FakeReader({"Tom Ferrow": 9.0}))


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


@pytest.fixture
def exported(news: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An answer to QUESTION in the format that the test asks for."""
    done = run("ask", QUESTION, "--corpus", news, "--format", request.param)
    assert done.exit_code == 0, done.output
    (tmp_path / "answers").write_text(done.stdout)
    return tmp_path / "answers"


both = pytest.mark.parametrize("exported", ["json", "markdown"], indirect=True)


@both
def test_what_is_exported_stands(exported: Path, news: Path) -> None:
    """Both formats are verified as they were printed, also after other articles came."""
    (news / "new.txt").write_text("A new one\n\nSomething else happened in Harlow.")
    done = run("verify", exported, "--corpus", news)
    assert done.exit_code == 0, done.output
    assert "all stands in the articles" in done.stdout


@both
@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("300 loaves", "900 loaves", "not these words"),
        ("bakery.txt", "barkery.txt", "no article 'barkery.txt'"),
    ],
)
def test_a_changed_export_is_found(exported: Path, news: Path, old: str, new: str, complaint: str) -> None:  # fmt: skip
    """A forged figure, another source: listed, with exit status 1."""
    exported.write_text(exported.read_text().replace(old, new))
    done = run("verify", exported, "--corpus", news)
    assert done.exit_code == 1
    assert complaint in done.stdout
    assert "not all stands as quoted" in done.stderr


@both
def test_a_changed_article_is_found(exported: Path, news: Path) -> None:
    """Words that stand no more, words that moved, and words in an article that is another."""
    article = news / "bakery.txt"
    text = article.read_text()
    article.write_text(text.replace("Tom Ferrow", "Tim Ferrow"))
    assert "not these words" in run("verify", exported, "--corpus", news).stdout
    article.write_text(text.replace("A bakery", "A big bakery"))
    assert "they stand at" in run("verify", exported, "--corpus", news).stdout
    article.write_text(text + " They also sell tea.")
    moved = run("verify", exported, "--corpus", news)
    assert moved.exit_code == 1
    assert "the article has changed since" in moved.stdout


def test_a_moved_answer_is_found(news: Path, tmp_path: Path) -> None:
    """The answer's own words are checked, not only its quote."""
    data = json.loads(run("ask", QUESTION, "--corpus", news, "--json").stdout)
    data["text"] = "Tim Ferrow"
    (tmp_path / "a.json").write_text(json.dumps([data]))
    assert (
        "the answer is not the words" in run("verify", tmp_path / "a.json", "--corpus", news).stdout
    )


@pytest.mark.parametrize("content", ["", "Some notes.", "{", '{"a": 1}', "[1]", "<!-- quoth {} -->", b"\xff", "[" * 99999])  # fmt: skip
def test_what_is_no_export(write: Callable[..., Path], news: Path, content: str | bytes) -> None:
    """One line with the file's name, status 1."""
    done = run("verify", write("x.md", content), "--corpus", news)
    assert done.exit_code == 1
    assert done.stderr.startswith("quoth: ")
    assert "x.md" in done.stderr
    assert done.stderr.count("\n") == 1


text = st.text(alphabet=st.sampled_from("ab*_`\\<>&[]()#-.!|\n 1é😀"), min_size=1, max_size=40)


@given(text, text, text, st.text(max_size=20))
def test_markdown_says_a_quote_letter_for_letter(
    tmp_path_factory: pytest.TempPathFactory, before: str, answer: str, after: str, name: str
) -> None:
    """Whatever stands in an article comes back from Markdown as it was."""
    article = Article(id=f"{name}-->", title="*T*", text=before + answer + after)
    span = Candidate(article, len(before), len(before + answer), Evidence(0, 0, 0), 0.5)
    found = Answer("Q?", "answered", answer, 0.5, cite([span]))
    file = tmp_path_factory.getbasetemp() / "round.md"
    file.write_text(markdown([found]), encoding="utf-8", newline="")
    assert check(file, {article.id: article}.get) == (1, [])
    forged = file.read_text(encoding="utf-8").replace("> ", "> x", 1)
    file.write_text(forged, encoding="utf-8", newline="")
    assert check(file, {article.id: article}.get)[1]


def test_bibliographies(news: Path) -> None:
    """Each article once; what it does not say is left out; TeX's characters are escaped."""
    (news / "m.md").write_text(
        "---\ntitle: 50% of \\bread & {butter}\npublisher: The Harlow_Post\nauthor: Ada Birch\n"
        "published: 2024-05-03\nurl: https://example.org/a\n---\nTom Ferrow owns the bakery in Mill Lane.\n"
    )
    session = Quoth(news)
    answers = [session.answer(QUESTION), session.answer(QUESTION)]
    items = {item["id"]: item for item in json.loads(csl_json(answers))}
    assert items["m.md"] == {
        "id": "m.md", "type": "article-newspaper", "title": "50% of \\bread & {butter}",
        "container-title": "The Harlow_Post", "author": [{"literal": "Ada Birch"}],
        "issued": {"date-parts": [[2024, 5, 3]]}, "URL": "https://example.org/a",
    }  # fmt: skip
    assert items["bakery.txt"] == {
        "id": "bakery.txt", "type": "article-newspaper", "title": "Bakery opens in Harlow",
    }  # fmt: skip
    entries = bibtex(answers)
    assert entries.count("@article{") == 2
    assert (
        r"title = {{50\% of \textbackslash{}bread \& \textbraceleft{}butter\textbraceright{}}}"
        in entries
    )
    assert (
        "year = {2024},\n  month = {05},\n  day = {03},\n  url = {https://example.org/a}" in entries
    )


def test_every_format_says_that_nothing_was_found(news: Path) -> None:
    """A refusal is exported as one."""
    asked = ("ask", QUESTION, "--corpus", news, "--threshold", 1, "--format")
    assert "*Not found" in run(*asked, "markdown").stdout
    assert json.loads(run(*asked, "csl-json").stdout) == []
    assert run(*asked, "bibtex").stdout.strip() == ""


def test_an_unreadable_file_is_one_line(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(CorpusError, match="nowhere"):
        check(tmp_path / "nowhere", {}.get)


FORGERIES = {
    "the answer in bold": ("**Tom Ferrow**\n", "**Tim Ferrow**\n"),
    "the source": ("bakery.txt: Bakery", "The Times: Bakery"),
    "a quote without a place": ("## Who", "> Something **else**.\n\n## Who"),
    "an indented quote": ("## Who", "  > Something **else**.\n\n## Who"),
    "an indented place": ("<!-- quoth", " <!-- quoth"),
    "another mark": ("> Its", "> **Its**"),
    "no mark": ("owner, **Tom Ferrow**", "owner, Tom Ferrow"),
    "needless escapes": ("> Its", "> \\I\\t\\s"),
    "an offset that is none": ('"start": 5', '"start": 1e999, "x": 5'),
}


@pytest.mark.parametrize("exported", ["markdown"], indirect=True)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_page_is_found(exported: Path, news: Path, forgery: str) -> None:
    """Whatever of answer, quote and source is changed in the Markdown."""
    old, new = FORGERIES[forgery]
    text = exported.read_text()
    assert old in text
    exported.write_text(text.replace(old, new, 1))
    assert run("verify", exported, "--corpus", news).exit_code == 1


@pytest.mark.parametrize(
    "forge",
    [
        lambda a: a.update(text="Tim Ferrow"),
        lambda a: a.update(text=None),
        lambda a: a.update(citations=[]),
        lambda a: a.update(support=99),
        lambda a: a["citations"][0].update(number=7),
        lambda a: a["citations"][0].update(hash=None),
        lambda a: a["citations"][0]["article"].update(title="Another", publisher="The Times"),
        lambda a: a["passages"][0].update(text="Another"),
        lambda a: a["citations"][0].update(start=1e999),
        lambda a: a["citations"][0]["article"].update(id="\ud800"),
    ],
)
def test_forged_json_is_found(news: Path, tmp_path: Path, forge: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    """Whatever of answer, citations and sources is changed in the JSON; one line, no traceback."""
    data = json.loads(run("ask", QUESTION, "--corpus", news, "--json").stdout)
    forge(data)
    (tmp_path / "a.json").write_text(json.dumps(data))
    done = run("verify", tmp_path / "a.json", "--corpus", news)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)


def test_lines_of_json_with_any_letters(news: Path, tmp_path: Path) -> None:
    """Line separators inside of a question end no line; a byte order mark is no letter."""
    asked = ["Who owns\u2028the\u0085bakery in Mill Lane?", QUESTION]
    (tmp_path / "q").write_text("".join(json.dumps({"question": q}) + "\n" for q in asked))
    done = run("ask", "--questions", tmp_path / "q", "--corpus", news, "--json")
    (tmp_path / "a.jsonl").write_text("\ufeff" + done.stdout, encoding="utf-8")
    assert run("verify", tmp_path / "a.jsonl", "--corpus", news).exit_code == 0


@pytest.mark.parametrize(
    ("known", "label", "on_the_page"),
    [
        ({"publisher": "Harlow News", "published": "2024-02-26"}, "Harlow News, 2024-02-26", "Harlow News, 26 February 2024"),
        ({"author": "Ada Birch"}, "Ada Birch", "Ada Birch"),
        ({"published": "2024"}, "2024", "2024"),
        ({}, "old/scan-12.txt", "scan-12.txt"),
    ],
)  # fmt: skip
def test_who_and_when(known: dict[str, str], label: str, on_the_page: str) -> None:
    """What is known stands in front of a title; the file's name only where nothing is."""
    source = Source("old/scan-12.txt", "A storm", **known)
    assert source.label == label
    assert who_and_when(source) == on_the_page
