"""Reading files and folders: every article, and a reason for every file that is none."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus import BUNDLED, Article, Problem, read_articles
from corpus.errors import CorpusError
from corpus.reading import Draft, fingerprint, reader, suffixes

Write = Callable[..., Path]


def read(path: Path) -> tuple[list[Article], list[Problem]]:
    items = list(read_articles(path))
    return (
        [item for item in items if isinstance(item, Article)],
        [item for item in items if isinstance(item, Problem)],
    )


def test_front_matter_gives_the_metadata(write: Write) -> None:
    """YAML at the top of a Markdown file goes before what the text says of itself."""
    path = write(
        "a.md",
        "---\ntitle: The bridge\npublisher: Gazette\nauthor: [Ada Birch, Tom Ferrow]\n"
        "published: 2019-05-03\nurl: https://example.org/a\nlanguage: en\n---\n"
        "# Another title\n\nThe *old* bridge [closed](https://example.org).\n\n- on Friday\n",
    )
    ([article], problems) = read(path)
    assert not problems
    assert (article.title, article.publisher, article.author) == (
        "The bridge",
        "Gazette",
        "Ada Birch, Tom Ferrow",
    )
    assert (article.published, article.source, article.language) == (
        "2019-05-03",
        "https://example.org/a",
        "en",
    )
    assert article.text == "Another title\n\nThe old bridge closed.\n\non Friday"
    assert article.path == str(path)


def test_json_lines_are_one_article_each(write: Write) -> None:
    """Bad lines are named with their number, and the others are read."""
    lines = [
        json.dumps(
            {"id": "one", "title": "First", "text": "A bridge closed.", "date": "3 May 2019"}
        ),
        "{not json",
        json.dumps({"title": "no text"}),
        json.dumps(["text"]),
        json.dumps({"text": "A bakery opened."}),
        json.dumps({"id": "one", "text": "The same id again."}),
    ]
    path = write("feed.jsonl", "\n".join(lines))
    articles, problems = read(path)
    assert [a.id for a in articles] == ["feed.jsonl#one", "feed.jsonl#5", "feed.jsonl#one~2"]
    assert articles[0].published == "2019-05-03"
    assert [p.path.rsplit(":", 1)[1] for p in problems] == ["2", "3", "4"]


def test_lines_that_are_no_text(tmp_path: Path) -> None:
    """One is named, and those behind it are read; a file of nothing else is given up."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"text": "caf\xe9"}\n{"text": "A bakery opened."}')
    articles, problems = read(file)
    assert [a.text for a in articles] == ["A bakery opened."]
    assert [str(p).partition(": ")[2] for p in problems] == [
        "not UTF-8 text (byte 13); save it as UTF-8"
    ]
    file.write_bytes(b"\xe9\n" * 1000)
    assert len(read(file)[1]) == 21


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path: Path, write: Write) -> None:
    """Each bad file gives one problem with its reason."""
    write("good.txt", "A bridge closed.")
    write("empty.txt", " \n")
    write("latin.txt", "Caf\xe9 closed.".encode("latin-1"))
    write("binary.txt", b"PK\x03\x04\x00\x00")
    write("yaml.md", "---\ntitle: [unclosed\n---\ntext")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    articles, problems = read(tmp_path)
    assert [a.id for a in articles] == ["good.txt"]
    reasons = {Path(p.path).name: p.reason for p in problems}
    assert set(reasons) == {"empty.txt", "latin.txt", "binary.txt", "yaml.md", "dangling.txt"}
    assert "UTF-8" in reasons["latin.txt"]
    assert "NUL" in reasons["binary.txt"]
    assert "YAML" in reasons["yaml.md"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_understood(write: Write, encoding: str) -> None:
    """Unicode files that say what they are can be read."""
    ([article], _) = read(write("a.txt", "Ünïcode ✓ article.".encode(encoding)))
    assert article.text == "Ünïcode ✓ article."


def test_a_folder_is_read_as_a_tree(tmp_path: Path, write: Write) -> None:
    """Sub-folders are read, hidden files and unknown formats left alone, ids are paths."""
    write("b/two.txt", "Second article.")
    write("a.TXT", "First article.")
    write(".hidden.txt", "Hidden.")
    write(".git/x.txt", "Hidden.")
    write("photo.jpg", b"\xff\xd8")
    articles, problems = read(tmp_path)
    assert [a.id for a in articles] == ["a.TXT", "b/two.txt"]
    assert not problems


@pytest.mark.parametrize("name", ["nowhere", "photo.jpg", "."])
def test_nothing_to_read_is_an_error(tmp_path: Path, write: Write, name: str) -> None:
    """A path without articles is refused with what was expected."""
    write("photo.jpg", b"\xff\xd8")
    with pytest.raises(CorpusError, match=r"\.txt"):
        list(read_articles(tmp_path / name))


def test_a_date_that_is_none_is_said(write: Write) -> None:
    """A metadata date that cannot be understood is reported, and the article kept."""
    articles, problems = read(write("a.md", "---\npublished: soon\n---\nA bridge closed."))
    assert articles[0].published is None
    assert "soon" in problems[0].reason


@pytest.mark.parametrize(
    "front",
    [
        "a: " + "[" * 3000,
        'a: !!int ""',
        'a: !!timestamp "x"',
        "date: 2024-13-45",
        "a: " + "9" * 5000,
        "title: true",
    ],
)
def test_odd_front_matter_is_no_exception(write: Write, front: str) -> None:
    """Whatever stands there: an article, a problem, or both."""
    articles, problems = read(write("a.md", f"---\n{front}\n---\nA bridge closed."))
    assert articles or problems


def test_a_rule_is_no_front_matter(write: Write) -> None:
    """Markdown that opens with a rule keeps its first paragraph."""
    ([article], _) = read(
        write("a.md", "---\n\nUpdate: the bridge closed.\n\n---\n\nMore to come.\n")
    )
    assert article.text.startswith("Update: the bridge closed.")


def test_objects_in_metadata_give_their_name(write: Write) -> None:
    """As news feeds have them; what is no text is left out."""
    line = {
        "text": "A bridge closed.",
        "author": [{"name": "Ada Birch"}],
        "publisher": {"name": "Gazette"},
        "title": True,
    }
    ([article], _) = read(write("a.jsonl", json.dumps(line)))
    assert (article.author, article.publisher, article.title) == (
        "Ada Birch",
        "Gazette",
        "A bridge closed.",
    )


def test_text_that_cannot_be_stored_is_mended(tmp_path: Path, write: Write) -> None:
    """Half an emoji, an endless number, a file name that is no UTF-8: nothing stops the rest."""
    write(
        "a.jsonl",
        '{"text": "Cut \\ud83d here."}\n{"text": "Long", "n": '
        + "1" * 5000
        + '}\n{"text": "Last."}',
    )
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("A bridge closed.")
    articles, problems = read(tmp_path)
    assert [a.text for a in articles] == ["Cut \ufffd here.", "Last.", "A bridge closed."]
    assert len(problems) == 1
    for article in articles:
        (article.id + article.text + (article.path or "")).encode()


def test_ids_are_never_given_twice(write: Write) -> None:
    """Also where a file's own ids look like the ones that are made up."""
    lines = [
        json.dumps({"id": name, "text": f"Text {n}."}) for n, name in enumerate(["1", "1", "1~2"])
    ]
    articles, _ = read(write("a.jsonl", "\n".join(lines)))
    assert len({a.id for a in articles}) == 3


@pytest.mark.parametrize("path", ["~nosuchuser/x", "x" * 5000, "/dev/null"])
def test_impossible_paths_are_refused(path: str) -> None:
    """With one error of ours, from reading and from the fingerprint alike."""
    for function in (fingerprint, lambda p: list(read_articles(p))):
        with pytest.raises(CorpusError):
            function(path)


def test_a_pipe_does_not_hang(tmp_path: Path, write: Write) -> None:
    """What is no regular file is named and left alone."""
    write("a.txt", "A bridge closed.")
    os.mkfifo(tmp_path / "pipe.txt")
    articles, problems = read(tmp_path)
    assert (len(articles), [p.reason for p in problems]) == (1, ["not a regular file"])


def test_a_new_format_is_one_function(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Registering a reader is all that a format needs."""
    from corpus import reading

    monkeypatch.setattr(reading, "_READERS", dict(reading._READERS))

    @reader(".shout")
    def read_shout(file: Path, text: str):  # type: ignore[no-untyped-def]
        yield Draft(text.lower(), {"title": file.stem})

    ([article], _) = read(write("LOUD.shout", "A BRIDGE CLOSED."))
    assert (article.title, article.text) == ("LOUD", "a bridge closed.")
    assert ".shout" in suffixes()


def test_the_fingerprint_changes_with_the_files(news: Path) -> None:
    """Coming, changing and going all show."""
    seen = {fingerprint(news)}
    (news / "new.txt").write_text("A new article.")
    seen.add(fingerprint(news))
    (news / "new.txt").write_text("A new article, longer.")
    seen.add(fingerprint(news))
    (news / "storm.txt").unlink()
    seen.add(fingerprint(news))
    assert len(seen) == 4


def test_the_bundled_articles_are_whole() -> None:
    """Five digests of 250 to 500 words, each naming the file that it is a digest of."""
    articles, problems = read(BUNDLED)
    assert not problems
    assert len({a.source for a in articles}) == 5
    for article in articles:
        assert 250 <= len(article.text.split()) <= 500
        assert article.published
