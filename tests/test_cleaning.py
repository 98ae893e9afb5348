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
            "date 2019-05-03 3 May 2019 09:30 (UTC+02:00)\n\nAda Birch\n\n",
            "2019-05-03",
            "Ada Birch",
        ),
        (" date 2026-02-26 ", "2026-02-26", None),
        ("3 May 2019\n\n", "2019-05-03", None),
        ("Published: May 3, 2019 10:15\n\nBy Ada Birch\n\n", "2019-05-03", "Ada Birch"),
        ("Date: 2019-05-03\nAuthor: Ada Birch\n\n", "2019-05-03", "Ada Birch"),
        ("Friday 3rd May 2019\n\n", "2019-05-03", None),
        ("By Ada Birch and Tom Ferrow\n3 May 2019\n\n", "2019-05-03", "Ada Birch and Tom Ferrow"),
        ("By Ada Birch, Harlow Gazette\n\n", None, "Ada Birch, Harlow Gazette"),
        ("By Ada Birch | Harlow Gazette\n3.5.2019 10:15\n\n", "2019-05-03", "Ada Birch"),
        ("Posted on May 3, 2019 by admin\n\n", "2019-05-03", None),
        ("Published on 3 May 2019 by Ada Birch\n\n", "2019-05-03", "Ada Birch"),
        ("Published 2:48 PM EST, Fri May 3, 2019\n\n", "2019-05-03", None),
        (
            "Fri 3 May 2019 06.00 BST\nLast modified on Sun 5 May 2019 08.00 BST\n\n",
            "2019-05-03",
            None,
        ),
        ("23/05/2019\n\n", "2019-05-23", None),
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


@pytest.mark.parametrize("below", ["", "The river rose again overnight.\n", "4 min read\n"])
@pytest.mark.parametrize("title", ["Old bridge closes", "Is the old bridge closed?"])
def test_a_title_and_a_standfirst_above_a_byline(title: str, below: str) -> None:
    """A question may be a headline, and a line may stand between; both stay in the text."""
    cleaned = clean(f"{title}\n{below}By Ada Birch\n3 May 2019\n\n{BODY}")
    assert (cleaned.title, cleaned.published, cleaned.author) == (title, "2019-05-03", "Ada Birch")
    assert cleaned.text == "\n\n".join(filter(None, [title, below.strip(), BODY]))


def test_dates_of_a_chronicle_are_no_header() -> None:
    """Below a title and a line, days that are told of stay where they are."""
    lines = ["The siege of Harlow", "How it went", "3 May 2019", "It began.", "4 May 2019",
             "It went on.", "5 May 2019", "It ended."]  # fmt: skip
    cleaned = clean("\n".join(lines))
    assert cleaned.published is None
    assert cleaned.text == "\n\n".join(lines)


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
        ("The bridge will close, Reuters reports.", "Reuters"),
        ("The bridge will close, Interfax-Ukraine reports.", "Interfax-Ukraine"),
        ("The bridge will close, Oxu.Az reports.", "Oxu.Az"),
        ("The bridge will close, Euronews reports.", "Euronews"),
        ("A thousand soldiers fell, Ukraine reports.", None),
        ("A thousand soldiers fell, NATO reports.", None),
        ("The bridge will close.", None),
    ],
)
def test_the_publisher_is_read_where_it_is_plain(opening: str, publisher: str | None) -> None:
    """Agencies sign in the first sentence; nothing is guessed where none does."""
    assert clean(f"{opening}\n\n{BODY}").publisher == publisher


FURNITURE = [
    "\n\nRelated posts\n\nFive towns that you must see this spring!\n\nParvin Gray\n\nTown Celebrates Flag Day\n\nLeave a Comment",
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


@pytest.mark.parametrize(
    "line",
    [
        "No comment.", "No response to the ministry's letter had arrived by Friday.", "The end.",
        "More on that later.", "More from the mayor on Friday.", "Share with others what you can.",
        "Share with me the last of the bread", "12 responses to the survey came from Harlow.",
        "Comments", "Sign up to the army!", "Join the discussion.", "What happens next",
        "“We will not give up,” she said.", "Comments Off the record are not quoted here.",
        "Ferrow on X: “I am leaving. #thanks” That was all he wrote before his office was emptied.",
        "President's message on Facebook: “We stand with #Harlow and its people.”",
        "The photo (pic.twitter.com/abc123) was taken on Sunday.", "4 responses", "3 thoughts",
        "Two people died in the fire, the mayor said. pic.twitter.com/abc123",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [1, 3])
def test_short_lines_of_an_article_stay(line: str, place: int) -> None:
    """Answers of an interview, verse, sub-headings: in the first half and in the second."""
    lines = sentences(BODY) * 2
    lines.insert(place, line)
    assert clean("\n\n".join(lines)).text == "\n\n".join(lines)


def test_an_advertisement_takes_nothing_with_it() -> None:
    """Of a line that stands alone only that line goes."""
    first, *rest = sentences(BODY)
    around = [
        first,
        "“It was awful,” she said.",
        "What's next",
        "Forecasters expect more rain.",
        *rest,
    ]
    assert clean("\n\n".join([first, "ADVERTISEMENT", *around[1:]])).text == "\n\n".join(around)


def test_top_of_the_page_does_not_hide_the_header() -> None:
    """Links above the headline go, and headline, byline and date are read."""
    cleaned = clean(
        f"Skip to main content\nShare\nTweet\n\nBridge closes\n\nBy John Smith\n\n3 May 2019\n\n{BODY}"
    )
    assert (cleaned.title, cleaned.author, cleaned.published) == (
        "Bridge closes",
        "John Smith",
        "2019-05-03",
    )


@pytest.mark.parametrize(
    "line",
    [
        "Updated: The minister has resigned.", "Source: Two men were arrested, police say.",
        "Publisher: sells his house", "By: land and by sea", "Link: three men",
        "Date: 2024-05-05 was a Sunday when the war began.", "By Land And Sea", "BY ORDER OF THE GOVERNOR",
    ],
)  # fmt: skip
def test_lines_that_look_like_a_header_stay(line: str) -> None:
    """Where the value is not of the kind that the name promises, it is a sentence."""
    cleaned = clean(f"{line}\n\n{BODY}")
    assert cleaned.text.startswith(line)
    assert (cleaned.author, cleaned.published, cleaned.publisher, cleaned.source) == (None,) * 4


def test_a_headline_under_the_date_is_no_author() -> None:
    """Three words, or words that the prose uses, are not a name."""
    cleaned = clean(f"5 May 2024\n\nHarlow Bridge Closes\n\n{BODY}")
    assert (cleaned.author, cleaned.title) == (None, "Harlow Bridge Closes")
    assert clean(f"5 May 2024\n\nBridge Closes\n\n{BODY}").author is None


@pytest.mark.parametrize(
    "line", ["New Delhi", "Breaking News", "Harlow Remembered", "By Friday Evening"]
)
def test_what_stands_alone_may_be_no_author(line: str) -> None:
    """Places, rubrics, headlines and days stand where a name might stand."""
    cleaned = clean(f"5 May 2024\n\n{line}\n\n{BODY}")
    assert cleaned.author is None
    assert line in cleaned.text


@pytest.mark.parametrize(
    ("line", "author"),
    [("By Ada Birch, Sunday Times", "Ada Birch, Sunday Times"), ("By Wednesday Martin", "Wednesday Martin"),
     ("David West", "David West"), ("Ada Birch", "Ada Birch")],
)  # fmt: skip
def test_authors_whose_names_are_words(line: str, author: str) -> None:
    """A day or a point of the compass may be in a name, and a name may stand again below the text."""
    cleaned = clean(f"5 May 2024\n\n{line}\n\n{BODY}\n\nFollow Ada Birch for more of this, please.")
    assert cleaned.author == author
    assert not cleaned.text.startswith(line)


def test_published_goes_before_updated() -> None:
    """The day of a correction is not that of the article."""
    assert clean(f"Updated: 6 May 2024\nPublished: 1 May 2024\n\n{BODY}").published == "2024-05-01"
    assert clean(f"Updated: 6 May 2024\n\n{BODY}").published == "2024-05-06"


@pytest.mark.parametrize(
    "opening",
    [
        "The United Nations (UN) - a body of states - met.",
        "LONDON (Wednesday) - It rained.",
        "It rained, John Smith reports.",
    ],
)
def test_no_publisher_is_invented(opening: str) -> None:
    """Abbreviations, weekdays and reporters are no publishers."""
    assert clean(f"{opening}\n\n{BODY}").publisher is None


@pytest.mark.parametrize(
    "first", ["Он сказал: «Да.»", "क्या यह सच है।", "هل هذا صحيح؟", "Yes, said the man, “no.”"]
)
def test_sentences_of_other_scripts_are_no_titles(first: str) -> None:
    """Every script's own end of a sentence counts."""
    assert clean(f"{first}\n\n{BODY}").title is None


def test_page_breaks_part_words() -> None:
    """A form feed between pages is a break, not nothing."""
    assert clean("The first page ends here.\x0cAnd the second begins.").text.split()[4:6] == [
        "here.",
        "And",
    ]


def test_a_headline_is_not_joined_to_its_byline() -> None:
    """Two lines of one width are a wrapped paragraph only if neither is a header's."""
    cleaned = clean(
        f"Council approves the new budget after long debate in city hall\nBy John Smith\n\n{BODY}"
    )
    assert cleaned.author == "John Smith"
    assert cleaned.title == "Council approves the new budget after long debate in city hall"


def test_more_comments_than_article() -> None:
    """Other people's comments go, however many."""
    comments = "\n\n".join(
        f"anna{n} says:\n\nI never liked that bridge, it was in the way." for n in range(12)
    )
    assert clean(f"{BODY}\n\n12 Comments\n\n{comments}").text == BODY
    assert clean(f"{BODY}\n\nComments\n\n{comments}").text == BODY


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
