"""Cleaning: what is the article stays, whole; what is not goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning import clean

BODY = (
    "The council voted on Tuesday to close the Harlow bridge for two years, its clerk said.\n\n"
    "Repairs will cost 9 million euros, according to the engineers who examined the piers.\n\n"
    "Traffic is to be led over the ferry at Stane until the work is done."
)


def sentences(text: str) -> list[str]:
    return [line for line in text.split("\n\n") if line]


@pytest.mark.parametrize(
    ("header", "published", "author"),
    [
        (
            "date 2026-02-26 26 February 2026 14:48 (UTC+04:00)\n\nAda Birch\n\n",
            "2026-02-26",
            "Ada Birch",
        ),
        (" date 2026-02-26 ", "2026-02-26", None),
        ("3 May 2019\n\n", "2019-05-03", None),
        ("Published: May 3, 2019 10:15\n\nBy Ada Birch\n\n", "2019-05-03", "Ada Birch"),
        ("Date: 2019-05-03\nAuthor: Ada Birch\n\n", "2019-05-03", "Ada Birch"),
    ],
)
def test_a_header_becomes_metadata(header: str, published: str, author: str | None) -> None:
    """Date and byline at the top are read and taken out, and nothing else is."""
    cleaned = clean(header + BODY)
    assert (cleaned.published, cleaned.author, cleaned.text) == (published, author, BODY)


def test_a_title_line_is_read_and_kept() -> None:
    """A headline is the title, and its words can still be quoted."""
    cleaned = clean(f"Old bridge closes for two years\n\n{BODY}")
    assert cleaned.title == "Old bridge closes for two years"
    assert cleaned.text.startswith("Old bridge closes for two years\n\nThe council")


def test_a_title_above_a_date_is_found() -> None:
    """The headline may stand above date and byline."""
    cleaned = clean(f"Old bridge closes\n\n3 May 2019\n\nBy Ada Birch\n\n{BODY}")
    assert (cleaned.title, cleaned.published, cleaned.author) == (
        "Old bridge closes",
        "2019-05-03",
        "Ada Birch",
    )


def test_a_first_sentence_is_no_title() -> None:
    """Without a headline there is no title to invent."""
    assert clean(BODY).title is None


@pytest.mark.parametrize(
    ("opening", "publisher"),
    [
        ("The bridge will close, Report informs.", "Report"),
        ("The bridge will close, the Harlow Gazette reports.", "Harlow Gazette"),
        ("HARLOW (Stane Press) - The bridge will close.", "Stane Press"),
        ("The bridge will close, he reports.", None),
        ("The bridge will close, reports.", None),
        ("The bridge will close.", None),
    ],
)
def test_the_publisher_is_read_where_it_is_plain(opening: str, publisher: str | None) -> None:
    """Agencies sign in the first sentence; nothing is guessed where none does."""
    assert clean(f"{opening}\n\n{BODY}").publisher == publisher


FURNITURE = [
    "\n\nRelated posts\n\n10 planets where there may be life!\n\nParvin Gray\n\nTown Celebrates Flag Day\n\nLeave a Comment",
    "\n\nYou Might Also Like",
    "\n\nLeave a Reply\n\nYour email address will not be published. Required fields are marked *",
    "\n\nRead also:\n\nFive walks around Harlow",
    "\n\n3 Comments\n\nanna: I never liked that bridge, it was always in the way of the boats.",
    "\n\nShare this\n\nhttps://example.org/harlow",
]


@pytest.mark.parametrize("furniture", FURNITURE)
def test_furniture_after_the_article_goes(furniture: str) -> None:
    """Link lists, forms and other people's comments are not the article."""
    assert clean(BODY + furniture).text == BODY


@pytest.mark.parametrize(
    "post",
    [
        'Tom Ferrow 🇦🇿 on X: "We demand our bridge back. #Harlow #Bridge ...',
        'Tom Ferrow on X: "We demand our bridge back" / X',
        "We demand our bridge back pic.twitter.com/abc123 — Tom Ferrow (@tferrow) May 3, 2019",
    ],
)
def test_a_pasted_post_goes(post: str) -> None:
    """A post that was pasted between paragraphs is another's text."""
    first, *rest = sentences(BODY)
    assert clean("\n\n".join([first, post, *rest])).text == BODY


@pytest.mark.parametrize(
    "sentence",
    [
        'The mayor wrote on X: "We will not yield, whatever the engineers say."',
        "Comments on the plan are due by Friday, and the council will answer each of them in writing.",
        "Related posts in the ministry were left empty for a year, the auditors found in their report.",
        "More on the closure will be said at the meeting of the council on the third of June.",
        "By Friday the bridge was closed.",
    ],
)
def test_sentences_that_look_like_furniture_stay(sentence: str) -> None:
    """Words are not enough to drop a line: its form has to be that of furniture."""
    first, *rest = sentences(BODY)
    assert clean("\n\n".join([first, sentence, *rest])).text == "\n\n".join(
        [first, sentence, *rest]
    )


def test_prose_after_a_link_list_stays() -> None:
    """A link list in the middle does not end the article."""
    first, *rest = sentences(BODY)
    raw = "\n\n".join([first, "Related articles", "Five walks around Harlow", *rest])
    assert clean(raw).text == BODY


def test_wrapped_lines_are_joined() -> None:
    """Lines broken at one width, as in e-mail, are a paragraph again."""
    wrapped = (
        "The council voted on Tuesday to close the Harlow bridge\n"
        "for two years, its clerk said. Repairs will cost nine\n"
        "million euros, according to the engineers."
    )
    assert clean(wrapped).text == wrapped.replace("\n", " ")


@given(
    st.lists(
        st.text(alphabet=st.characters(categories=["L", "Nd"]), min_size=1, max_size=12),
        min_size=13,
        max_size=40,
    )
)
def test_any_prose_survives(words: list[str]) -> None:
    """A long paragraph that ends like a sentence is never dropped, whatever its words."""
    paragraph = " ".join(words) + "."
    kept = clean(f"{BODY}\n\n{paragraph}\n\n{BODY}").text
    assert " ".join(paragraph.split()) in " ".join(kept.split())


def test_the_raw_articles(raw_articles: object) -> None:
    """Of the raw news articles: what is furniture goes, each long paragraph stays."""
    from corpus import Article, read_articles

    articles = {a.id: a for a in read_articles(raw_articles) if isinstance(a, Article)}  # type: ignore[arg-type]
    assert len(articles) == 5
    for name, article in articles.items():
        raw = (raw_articles / name).read_text()  # type: ignore[operator]
        for paragraph in raw.split("\n"):
            if (
                len(paragraph.split()) >= 25
                and "#" not in paragraph
                and not paragraph.lstrip().startswith("date ")
            ):
                assert paragraph.strip() in article.text
        for gone in (
            "Related posts",
            "You Might Also Like",
            "Leave a",
            "#Armenia",
            "planets",
            "(UTC",
        ):
            assert gone not in article.text
