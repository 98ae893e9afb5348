"""Sources that agree: the same value in other words, the same article twice."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Article
from qa import Quoth
from qa.agreement import copies, supporting
from qa.confidence import Evidence
from qa.decision import Candidate
from qa.sameness import differ, same
from qa.spelling import lacks
from qa.values import value_of
from tests.fakes import FakeEncoder, FakeReader
from tests.test_answering import ask

SAME = [
    ("8", "eight"), ("2,500", "2500"), ("$170 mln", "$ 170 mln"), ("$170 million", "170 mln dollars"),
    ("1.5 million", "1,500,000"), ("8.3 billion", "8,300,000,000"), ("$5m", "$5 million"), ("$1.50", "$1.5"),
    ("fifty-seven children", "57"), ("one hundred and six women", "106"), ("475 people", "475 residents"),
    ("five percent", "5%"), ("24", "24 US states"), ("2-1", "2–1"), ("1,275 hostages", "1275"),
    ("Feb. 24, 1994", "24 February 1994"), ("10 May", "May 10"), ("1992", "26 February 1992"), ("in 2020", "2020"),
    ("February 1992", "26 February 1992"), ("5 May", "5 May 2020"), ("the 5th of May", "May 5"), ("3 Jan", "3 January"),
    ("Academician Rafael Huseynov", "Rafael Huseynov"), ("the Harlow bridge", "Harlow bridge"),
    ("Prime Minister Theresa May", "Theresa May"), ("Baku", "Baku, Azerbaijan"),
    ("Ada Birch", "Ada Birch, the mayor of Harlow"), ("“Mother's Cry”", "Mother's Cry"), ("NATO's", "NATO"),
    ("10 000 people", "10,000"), ("5\u00a0300", "5300"), ("two dozen", "24"), ("three dozen people", "36"), ("2½ hours", "2.5 hours"),
    ("two-thirds", "two thirds"), ("a year", "one year"), ("27 years old", "27"), ("a 27-year-old", "27"), ("6 ft", "six feet"),
    ("45 mins", "45 minutes"), ("50 sq km", "50 square kilometres"), ("20 degrees", "20°"), ("Rs 500", "500 rupees"),
    ("more than 600", "over 600"), ("about 500", "some 500"), ("around 500 people", "roughly 500"), ("almost 500", "nearly 500"),
    ("at least 30", "no fewer than 30"), ("at least 30", "30 or more"), ("under 30", "fewer than 30"), ("up to 500", "as many as 500"),
    ("500 to 600", "500–600 people"), ("between 100 and 120", "100-120"), ("3 to 2", "3-2"),
    ("25 to 26 February 1992", "25–26 February 1992"), ("Monday, September 11, 2001", "11 September 2001"),
    ("26.02.1992", "26 February 1992"), ("2020-03-03", "3 March 2020"), ("O’Neill", "O'Neill"), ("the U.S.", "US"),
    ("J. K. Rowling", "JK Rowling"), ("J.K. Rowling", "JK Rowling"), ("Recep Tayyip Erdoğan", "Recep Tayyip Erdogan"),
    ("Gen. Ada Birch", "General Ada Birch"), ("Lt. Col. Ada Birch", "Ada Birch"), ("Sen. Tom Ferrow", "Tom Ferrow"),
    ("26 kilometres", "sixteen miles"), ("780 millimetres", "0.8 metres"), ("1.8 tonnes", "1,800 kilograms"),
    ("fourteen days", "two weeks"), ("264 days", "nine months"), ("half an hour", "30 minutes"), ("a fifth", "20 percent"),
    ("three quarters of an hour", "45 minutes"), ("a year and a half", "18 months"), ("three-quarters", "75 percent"),
    ("a fortnight", "14 days"), ("half past two in the afternoon", "2.30 p.m."), ("ten minutes to two", "1:50"),
    ("twenty past nine", "9:20"), ("11.15 in the evening", "23:15"), ("6 o'clock in the morning", "6 a.m."), ("nine at night", "9 p.m."),
    ("the end of May", "at the end of May"), ("Howard Penn", "Penn"), ("Governor Bautista", "Corazon Bautista"), ("Mr G. Thorsson", "Gunnar Thorsson"),
    ("Frank S. Aoki", "Frank Aoki"), ("Stan Wojcik", "Stanley Wojcik"),
    ("5-7 million", "5 million to 7 million"), ("between 5 and 7 million", "5 to 7 million"),
    ("an hour and a half", "90 minutes"), ("two and a half years", "2.5 years"), ("two to three days", "2-3 days"),
    ("Lech Wałęsa", "Lech Walesa"), ("Heydər Əliyev", "Heydar Aliyev"), ("Gauß", "Gauss"), ("$3B", "$3 billion"),
    ("two and a half million", "2.5 million"), ("two to three million", "2-3 million"), ("120 km/h", "120 kilometres an hour"),
    ("50 miles per hour", "50 mph"), ("100 degrees F", "100°F"), ("A$5 million", "5 million Australian dollars"),
    ("AU$5 million", "A$5 million"), ("NZ$5 million", "5 million New Zealand dollars"), ("5 million Indian rupees", "₹5 million"),
    ("Philip Hammond", "Phil Hammond"), ("Steve Berg", "Steven Berg"), ("Ed Berg", "Edward Berg"), ("50 mph", "80 km/h"), ("1,000 MW", "1 GW"), ("4,400 km²", "4,400 sq km"), ("$1.2-billion", "$1.2 billion"),
    ("3,5 million", "3.5 million"), (".5%", "0.5%"), ("1 234 567", "1,234,567"), ("1.000.000 euros", "1 million euros"),
    ("5\u2009300", "5300"), ("US$5 million", "$5 million"), ("5 million US dollars", "$5 million"),
    ("French President Ada Birch", "Ada Birch"), ("South Korean President Ada Birch", "President Ada Birch"),
]  # fmt: skip
OTHER = [
    ("475", "487"), ("63 children", "613 people"), ("5 percent", "5"), ("3 km", "3 miles"), ("1.5%", "15%"),
    ("12.3", "1.23"), ("$10", "10%"), ("+5%", "-5%"), ("up 5%", "down 5%"), ("2-1", "21"), ("10:00", "100"),
    ("9/11", "911"), ("fewer than 30", "more than 30"), ("30", "at least 30"), ("before 2020", "after 2020"),
    ("5 pm", "5 am"), ("5 people", "5 tons"), ("2 goals", "2 assists"), ("3 wounded, 5 killed", "3 killed, 5 wounded"),
    ("Boeing 737", "Airbus 737"), ("F-16", "16"), ("COVID-19", "19"), ("5 million manat", "5 million dollars"),
    ("5 cents", "5 dollars"), ("$5 per day", "$5 per month"), ("100 sq km", "100 km"), ("5 m", "5 minutes"),
    ("10 percent", "10 percentage points"), ("half a million", "1 million"), ("3 and a half years", "3 years"),
    ("a third", "3"), ("21st century", "21"), ("several million", "1 million"), ("500 to 600", "500"), ("-5", "5"),
    ("26 February 1992", "25 February 1992"), ("10 May", "11 May"), ("10 May", "10 June"), ("1992", "1992 people"),
    ("25-26 February 1992", "3 May 1992"), ("1992", "1993"), ("1/12/2020", "11/2/2020"), ("1-2 May", "12 May"),
    ("from 3 May to 5 June", "from 5 May to 3 June"), ("May 2020", "5 May"), ("two years", "two months"),
    ("South Korea", "Korea"), ("Ada Birch", "Tom Birch"), ("Ilham Aliyev", "wife of Ilham Aliyev"), ("C++", "C"),
    ("Ada Birch", "Ada Birch and Tom Ferrow"), ("Minister", "Prime Minister"), ("Baku", "Baku State University"),
    ("UN", "UN Security Council"), ("World War", "World War II"), ("Putin", "Putin critic"), ("approved", "never approved"),
    ("on 5 300 died", "5300"), ("10", "ten thousand"), ("", ""), ("the", "a"), ("Iraq, Iran", "Iran"),
    ("more than 600", "less than 600"), ("about 500", "500"), ("no more than 30", "at least 30"), ("over 600", "600"),
    ("25 to 26 February", "25 February"), ("26.02.1992", "26 March 1992"), ("10 000", "10"), ("27 months old", "27"),
    ("two thirds", "three quarters"), ("wife of President Birch", "Birch"), ("aide to King Tom", "Tom"),
    ("Ada Birch, Judge Tom Ferrow", "Tom Ferrow"), ("Mr Birch", "Mrs Birch"), ("Gen. Birch", "Sen. Birch"),
    ("York", "New York"), ("Korea", "North Korea"), ("Ilham Aliyev", "Heydar Aliyev"), ("Sam Wojcik", "Stan Wojcik"),
    ("Post", "Daily Post"), ("Ada", "Ada Birch"), ("the third man", "33 percent"), ("half a million", "half an hour"),
    ("end of May", "12 May"), ("summer of 2020", "2020"), ("35 minutes", "half an hour"), ("26 kilometres", "26 miles"), ("two weeks", "12 days"), ("2:30 p.m.", "2:30 in the morning"),
    ("a fifth", "a quarter"), ("5 km", "5 km/h"), ("1 hour 20 minutes", "1 hour 30 minutes"),
    ("A$5 million", "US$5 million"), ("HK$5 million", "$5 million"), ("5 billion Hong Kong dollars", "$5 billion"), ("5 million Egyptian pounds", "£5 million"),
    ("Paul Smith", "Paula Smith"), ("Jo Cox", "John Cox"), ("Jean Dupont", "Jeanne Dupont"), ("3,5 million", "35 million"),
    (".5%", "5%"), ("2 km²", "2 km"), ("10-15 thousand", "10-15"),
    ("5 feet", "5 metres"), ("20 degrees", "20 percent"), ("Monday, September 11", "September 12"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_words(one: str, other: str) -> None:
    """Figures, dates, names; either way round."""
    assert same(value_of(one), value_of(other))
    assert same(value_of(other), value_of(one))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_only_looks_alike(one: str, other: str) -> None:
    """Another figure, day, unit or name is another answer."""
    assert not same(value_of(one), value_of(other))
    assert not same(value_of(other), value_of(one))


def test_numbers_in_the_language_of_the_article() -> None:
    """Each article's words are read in its own language; an unknown one keeps its words."""
    assert same(value_of("vierundzwanzig", "de"), value_of("twenty-four", "en"))
    assert same(value_of("24", "az"), value_of("24"))
    assert not same(value_of("iyirmi dörd", "az"), value_of("24"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_sameness_is_mutual_and_takes_any_text(one: str, other: str) -> None:
    """Nothing raises; the order does not matter; a text with words is the same as itself."""
    first, second = value_of(one), value_of(other)
    assert same(first, second) == same(second, first)
    assert same(first, first) == bool(first.tokens)


_PARTS = st.sampled_from(
    [*" .,-'’", ". ", "'s ", "J. K. Rowling", "U.N.E.S.C.O.", "Élysée", "İstanbul", "dr", "Prof.", "km", "seconds",
     "1.5 mln", "half an hour", "a third", " of", "ten past two", " in the morning", "fortnight", "3 pm", "2019-05-03", "half a dozen", "two thirds", "civilians", "over 40", "per cent", "mayor", "Ada"]
)  # fmt: skip


@given(st.lists(st.one_of(_PARTS, st.text(max_size=5)), max_size=12).map("".join))
def test_no_text_lacks_its_own_words(text: str) -> None:
    """However they are written: by the letters alone nothing is passed over that a value has."""
    assert not lacks(text, value_of(text).tokens)
    assert lacks(f"{text} Ada Birch", ["ada", "xylophonists"])


@given(st.integers(0, 10**400))
def test_thousands_marks_change_nothing(number: int) -> None:
    """``1,234,567`` is ``1234567``, however long, and says nothing of a year."""
    assert value_of(f"{number:,}").tokens == value_of(str(number)).tokens == (str(number),)


@given(
    st.integers(0, 999),
    st.integers(0, 9),
    st.sampled_from([("thousand", 3), ("mln", 6), ("billion", 9)]),
)
def test_scales_are_exact(whole: int, tenth: int, scale: tuple[str, int]) -> None:
    """``8.3 billion`` is ``8300000000``, to the digit."""
    name, zeros = scale
    full = (whole * 10 + tenth) * 10 ** (zeros - 1)
    assert same(value_of(f"{whole}.{tenth} {name}"), value_of(str(full)))


@pytest.mark.parametrize("text", ["9" * 400, " ".join(["999"] * 200), "hundred " * 2000, "1,2,3,4 5.6.7 8:9", "2020 99999999999999999999999999999h", "-", "٣٤ و٥"])  # fmt: skip
def test_odd_figures_raise_nothing(text: str) -> None:
    """Endless figures, lists of figures, figures of other scripts."""
    assert same(value_of(text), value_of(text)) == bool(value_of(text).tokens)
    for other in ("7", "70,000", "7 miles"):
        for one in (text, f"{text}{'0' * 400} km"):
            assert not same(value_of(one), value_of(other))
            assert differ(value_of(one), value_of(other)) == differ(value_of(other), value_of(one))


@pytest.mark.parametrize(
    ("text", "telling"),
    [("613", True), ("$170 mln", False), ("1,275 people", True), ("2,500", False), ("63", False), ("1992", False),
     ("the 1994 resolution", False),
     ("26 February 1992", False), ("3,916 of them", True), ("Ada Birch", False), ("1.25 km", True)],
)  # fmt: skip
def test_telling_figures(text: str, telling: bool) -> None:
    """Figures that two texts seldom have by chance: not round ones, dates or small ones."""
    assert value_of(text).telling == telling


def test_a_telling_figure_needs_less() -> None:
    """What another article is a tenth as sure of counts for 613, not for 63."""

    def said(figure: str, confidence: float) -> Candidate:
        article = Article(f"{figure}/{confidence}", "Fire", f"{figure} people were hurt.")
        return Candidate(article, 0, len(figure), Evidence(1.0, 0.5, 0.5), confidence)

    for figure, articles in (("613", 2), ("63", 1)):
        likely, unlikely = said(figure, 0.5), said(figure, 0.03)
        assert len(supporting(likely, [unlikely, said("487", 0.03)], 0.2)) == articles
    assert len(supporting(said("613", 0.5), [said("613", 0.01)], 0.2)) == 1


def test_articles_that_say_it_otherwise_are_cited(news: Path) -> None:
    """``forty-two`` backs ``42``; a third article with another figure does not."""
    (news / "a.txt").write_text("On the bridge\n\nForty-two cars had crossed the Harlow bridge.")
    (news / "b.txt").write_text("More\n\nOf the Harlow bridge: 43 cars had crossed it, he said.")
    answer = ask(news, "How many cars crossed the Harlow bridge?",
                 {"42": 9.0, "Forty-two": 8.5, "43": 8.0})  # fmt: skip
    assert {c.article.id for c in answer.citations} == {"bridge.txt", "a.txt"}
    assert answer.support == 2
    assert answer.to_dict()["support"] == 2


def test_more_articles_than_are_read_at_first(tmp_path: Path) -> None:
    """Passages further down that have the same figure, however written, are read as well; those
    without it are not."""
    for day in range(12):
        said = "42" if day % 2 else "Forty-two"
        (tmp_path / f"{day:02}.txt").write_text(
            f"Note {day}\n\n{said} cars crossed the Harlow bridge on day {day}."
        )
    (tmp_path / "other.txt").write_text("Trains\n\nTrains crossed a Harlow bridge, 17 of them.")
    reader = FakeReader({"42": 9.0, "Forty-two": 9.0, "17": 9.5})
    session = Quoth(tmp_path, encoder=FakeEncoder(), reader=reader)
    answer = session.answer("How many cars crossed the Harlow bridge?")
    assert answer.support == 12
    assert len(answer.passages) == 8
    assert "other.txt" not in {c.article.id for c in answer.citations}


def test_a_copy_counts_once_and_says_so(news: Path) -> None:
    """A wire copy with another headline is cited, but is no second source."""
    text = (news / "bridge.txt").read_text().split("\n\n", 1)[1]
    (news / "wire.txt").write_text(f"Harlow loses its bridge for a while\n\n{text} More soon.")
    answer = ask(news, "How many cars crossed the Harlow bridge?", {"42": 9.0})
    assert len(answer.citations) == 2
    assert answer.support == 1
    assert [c.copy_of for c in answer.citations] == [None, 1]
    assert [c["copy_of"] for c in answer.to_dict()["citations"]] == [None, 1]


def test_copies_by_hand() -> None:
    """The first of several is the one repeated; short and unlike texts are no copies."""
    story = "The bridge closed on a wet Friday and the mayor said that nobody had been hurt at all."
    texts = [story, "Another thing altogether was said in the town hall of Harlow that day.",
             f"{story} A later line.", f"Harlow. {story}", "", ""]  # fmt: skip
    articles = [Article(id=str(i), title="t", text=text) for i, text in enumerate(texts)]
    assert copies(articles)[:4] == [None, None, 0, 0]
