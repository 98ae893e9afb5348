"""Articles that give another value for the same fact, and those that only seem to."""

import json
import re
import shutil
from html import unescape
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import Answer, Quoth, export, terminal
from qa.benchmarks.sources import of_pairs, of_ramdocs
from qa.contrast import contrasted
from qa.page.answers import Turn, conversation
from qa.page.markup import escape
from qa.sameness import differ
from qa.values import value_of
from qa.verify import check as verify
from tests.fakes import FakeEncoder, FakeReader

ASKED = "How many people were injured in the fire at Linz station?"


def write(folder: Path, *texts: str, **about: str) -> Path:
    """One article for each text, of different publishers and years."""
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts, 1):
        (folder / f"{number}.md").write_text(
            f"---\ntitle: Fire {number}\npublisher: Paper {number}\n"
            f"published: {2000 + number}-05-01\n---\n\n{text}\n"
        )
    return folder


def ask(folder: Path, scores: dict[str, float], question: str = ASKED) -> Answer:
    session = Quoth(folder, index=folder / ".ix", encoder=FakeEncoder(), reader=FakeReader(scores))
    return session.answer(question)


def test_another_value_is_shown_beside_the_first(tmp_path: Path) -> None:
    """Each value with its own articles and quotes, numbered through."""
    corpus = write(
        tmp_path / "c",
        "The fire at Linz station left 475 people injured, the mayor said.",
        "After the fire at Linz station 487 people were injured, a doctor said.",
        "At Linz station 475 were injured by the fire, and the roof fell in.",
    )
    answer = ask(corpus, {"475": 9.0, "487": 8.0})
    (claim,) = answer.disagreements
    assert (answer.text, answer.support) == ("475", 2)
    assert (claim.text, claim.support) == ("487", 1)
    assert [c.number for c in answer.quotes] == [1, 2, 3]
    assert [c.article.publisher for c in claim.citations] == ["Paper 2"]
    data = answer.to_dict()["disagreements"]
    assert [d["text"] for d in data] == ["487"]
    assert "487" in terminal.render(answer, 3)
    assert "Paper 2" in terminal.render(answer, 3)
    page = conversation([Turn(ASKED, answer)], 3)
    assert "The articles differ" in page
    assert 'data-open="citation:0:2"' in page


@pytest.mark.parametrize(
    "other",
    [
        "The fire at Linz station left nine people dead and 487 were killed later.",  # other fate
        "Of those injured in the fire at Linz station, 487 of them were sent home.",  # a part
        "Injured in the fire at Linz station were 487 children.",  # other people
        "In the fire at Linz station 475 were injured, and 487 people were injured in May.",  # both
        "The fire at Linz station burned for 487 hours and people were injured.",  # another unit
        "In the fire at Linz station 487 people were expected to be injured.",  # not yet so
    ],
)
def test_what_only_looks_alike_is_not_set_against_it(tmp_path: Path, other: str) -> None:
    """Another group, a part, or another fact is no disagreement."""
    corpus = write(tmp_path / "c", "The fire at Linz station left 475 people injured.", other)
    answer = ask(corpus, {"475 people": 9.0, "487": 5.0})
    assert answer.found
    assert answer.disagreements == ()


def test_an_age_is_set_against_another(tmp_path: Path) -> None:
    """Whether it is said in years or as a bare figure."""
    corpus = write(
        tmp_path / "c",
        "The mayor of Linz, who is 47 years old, resigned on Monday.",
        "The mayor of Linz resigned at the age of 49, a paper said.",
    )
    for first in ("47 years old", "47"):
        answer = ask(corpus, {first: 9.0, "49": 8.0}, "How old is the mayor of Linz?")
        assert [claim.text for claim in answer.disagreements] == ["49"]


def test_what_changes_is_told_from_what_differs(tmp_path: Path) -> None:
    """Figures of different dates of something that goes on may both be right."""
    question = "How many families have returned to Linz?"
    corpus = write(
        tmp_path / "c",
        "So far 120 families have returned to Linz.",
        "So far 340 families have returned to Linz.",
    )
    answer = ask(corpus, {"120": 9.0, "340": 8.0}, question)
    assert [claim.changing for claim in answer.disagreements] == [True]
    assert "both may be right" in terminal.render(answer, 2)


def test_the_answer_of_most_articles_comes_first(tmp_path: Path) -> None:
    """One article against three: the three are the answer, the one is shown beside it."""
    corpus = write(
        tmp_path / "c",
        "The fire at Linz station left 90 people injured, it was said there.",
        "After the fire at Linz station 475 people were injured, a doctor said.",
        "At Linz station 475 were injured by the fire, and the roof fell in.",
        "Reporters counted 475 injured people at the fire at Linz station on that night.",
    )
    answer = ask(corpus, {"475": 3.0, "90": 3.2})
    assert (answer.text, answer.support) == ("475", 3)
    assert [claim.text for claim in answer.disagreements] == ["90"]


def test_a_part_of_a_date_supports_no_other_date(tmp_path: Path) -> None:
    """ "2019" stands in both articles, but the one says the 23rd and the other the 30th of September."""
    corpus = write(
        tmp_path / "c",
        "The children's hospital of Linz took in its first patients on 30 September 2019.",
        "Since the hospital of Linz took in its first patients on 23 September 2019, much was done.",
    )
    scores = {
        "30 September 2019": 9.0,
        "23 September 2019": 8.9,
        "September 2019": 8.0,
        "2019": 8.0,
    }
    answer = ask(corpus, scores, "When did the hospital of Linz take in its first patients?")
    assert (answer.text, answer.support) == ("30 September 2019", 1)
    assert [claim.text for claim in answer.disagreements] == ["23 September 2019"]


def test_the_same_figure_of_another_thing_is_no_second_fact(tmp_path: Path) -> None:
    """An article with nine mice in it does not say that it lasted nine days."""
    corpus = write(
        tmp_path / "c",
        "The capsule of Linz was in orbit for nine days, it was said.",
        "The capsule of Linz was in orbit for eleven days, with nine mice in it.",
    )
    answer = ask(
        corpus, {"nine days": 9.0, "eleven days": 8.0}, "How long was the capsule of Linz in orbit?"
    )
    assert [claim.text for claim in answer.disagreements] == ["eleven days"]


def test_copies_do_not_outvote(tmp_path: Path) -> None:
    """An article printed three times has the weight of one."""
    text = "The fire at Linz station left 90 people injured, the company said in a long statement."
    other = "After the fire at Linz station 475 people were injured, a doctor said on Monday."
    corpus = write(tmp_path / "c", text, text + " ", text + "\n", other)
    assert ask(corpus, {"475": 3.2, "90": 3.0}).text == "475"


def test_exports_hold_the_disagreements_and_verify(tmp_path: Path) -> None:
    """JSON and Markdown have every quote; a changed one is found."""
    corpus = write(
        tmp_path / "c",
        "The fire at Linz station left 475 people injured.",
        "After the fire at Linz station 487 people were injured.",
    )
    session = Quoth(
        corpus,
        index=tmp_path / "ix",
        encoder=FakeEncoder(),
        reader=FakeReader({"475": 9.0, "487": 8.0}),
    )
    answer = session.answer(ASKED)
    assert answer.disagreements
    for name, text in (("a.json", answer.to_json()), ("a.md", export.markdown([answer]))):
        file = tmp_path / name
        file.write_text(text)
        checked, wrong = verify(file, session.index.store.article)
        assert checked >= 2
        assert wrong == []
        file.write_text(re.sub(r"487(\W* people)", r"486\1", text))
        assert verify(file, session.index.store.article)[1]
    tampered = json.loads(answer.to_json())
    tampered["disagreements"][0]["text"] = "486"
    (tmp_path / "b.json").write_text(json.dumps(tampered))
    assert verify(tmp_path / "b.json", session.index.store.article)[1]
    assert {"2001", "2002"} <= set(
        export.csl_json([answer]).replace(",", " ").replace("[", " ").split()
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("475", "487"), ("24", "dozens"), ("3 March", "5 March"), ("1994", "1996"), ("6:30 pm", "19:30"),
     ("hundreds of people", "100 people"), ("two", "five"), ("1,850", "900"), ("40,000", "15,000"),
     ("Ana Brolin", "Petr Kalm"), ("$12 million", "$15 million"), ("12 km", "14 km"), ("Monday", "Tuesday"),
     ("2:11:24", "2:12:42"), ("8 p.m. on Sunday", "9 p.m."), ("17 boats", "a handful of boats"),
     ("4-1", "3-2"), ("four years", "six and a half years"),
     ("13 hours and 20 minutes", "14 hours"), ("62 centimetres", "nearly two metres"), ("26 kilometres", "ten miles"),
     ("two thirds", "58 percent"), ("ten thousand", "7,500"), ("90,000", "100,000"), ("29 August 1931", "1933"),
     ("15 March", "February 1944"), ("ten minutes to two", "1.25 a.m."), ("half an hour", "50 minutes"),
     ("12 April", "the end of May"), ("29 August 1931", "autumn of 1933"), ("158 km/h", "142 km/h"), ("62 centimetres", "nearly a metre"),
     ("5-7 million", "3 million"), ("$5-7 million", "$9 million"), ("4,400 km²", "5,500 square kilometres"), ("50 mph", "200 kph"),
     ("158 km/h", "142 kilometres per hour"),
     ("2:15 a.m.", "about half past three in the morning"), ("9:20 p.m.", "shortly before midnight")],
)  # fmt: skip
def test_values_that_differ(one: str, other: str) -> None:
    """Two of a kind that cannot both be right."""
    assert differ(value_of(one), value_of(other))
    assert differ(value_of(other), value_of(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [("475", "four hundred and seventy-five"), ("Rafael Huseynov", "Huseynov"), ("12 km", "14"),
     ("12 km", "14 hours"), ("1994", "3 March"), ("Monday", "18:30"), ("475", "Ana Brolin"),
     ("8.5%", "8.5 per cent"), ("A dozen", "12"), ("6:30 pm", "18:30"), ("a third", "12"),
     ("because it rained", "because of the snow"), ("", "12"), ("more than 600", "613"), ("nearly 500", "487"),
     ("at least 30", "35"), ("up to 40", "38"), ("$1.2bn", "$1.23bn"), ("20 to 30", "25"), ("half a dozen", "6"),
     ("Monday", "on Monday"), ("around 6:30 pm", "6:30 pm"), ("8:15 in the evening", "20:15"), ("Erdoğan", "Erdogan"),
     ("UN", "United Nations"), ("USA", "U.S."), ("al Qaeda", "Al-Qaeda"), ("2-1", "2:1"), ("dozens", "dozens of people"),
     ("2:11:24", "2:11:24 hours"), ("2:11:24", "about 2:12:00"), ("8 p.m. on Sunday", "8 p.m."),
     ("half past three", "3:30 p.m."), ("a quarter to two", "1:45"), ("noon", "12:00"), ("quarter past eleven at night", "23:15"),
     ("264 days", "nine months"), ("two weeks", "12 days"), ("three in the afternoon", "shortly after 3.12 p.m."),
     ("19 August", "1871"), ("1.2 kg", "3 km"), ("100 km/h", "28 metres a second"), ("48,300", "forty-eight thousand"),
     ("four hours and ten minutes", "four hours"), ("a third", "33 percent"), ("12 May", "the end of May"),
     ("$5-7 million", "$6 million"), ("10-15 thousand", "12,000"), ("US$5-7bn", "$6bn"), ("Łódź", "Lodz"), ("100°F", "38°C"),
     ("10 gallons", "38 litres"), ("5-2", "6,120"), ("4-1", "1-4"), ("five and a half years", "5.5 years"), ("20-30", "25")],
)  # fmt: skip
def test_values_that_do_not_differ(one: str, other: str) -> None:
    """The same, or not of one kind: nothing is said about these."""
    assert not differ(value_of(one), value_of(other))
    assert not differ(value_of(other), value_of(one))


@given(st.text(max_size=40), st.text(max_size=40))
def test_differing_is_mutual_and_never_the_same(one: str, other: str) -> None:
    """If the one differs from the other, so does the other; nothing differs from itself."""
    first, second = value_of(one), value_of(other)
    assert differ(first, second) == differ(second, first)
    assert not differ(first, first)


@pytest.mark.parametrize(
    ("asked", "one", "other"),
    [
        ("How many were killed?", "… people were killed", "… people were wounded"),
        ("Who heads the museum?", "the director, …, said", "the deputy director, …, said"),
        ("How much did it cost in total?", "a total of …", "the roof cost …"),
        ("When was the treaty signed?", "signed on …", "ratified on …"),
        (
            "How many came to Harro district?",
            "… came to Harro district",
            "… came to Nemba district",
        ),
        ("Where is the battery plant?", "the battery plant in …", "the gearbox plant in …"),
        ("How many of them were children?", "… were children", "… people were injured"),
        ("How many came in 2018?", "… came in 2018", "… came in 2017"),
        (
            "How many inmates were held?",
            "… inmates were held there",
            "the custom in … of the newer prisons",
        ),
        (
            "What was the revenue in the full year?",
            "revenue rose to …",
            "in the first quarter … came in",
        ),
        ("How much did the bridge cost?", "it cost …", "the project is budgeted at …"),
        ("How much is a pass for adults?", "adults will pay …", "the student pass is …"),
        ("How many houses were destroyed?", "… houses destroyed", "… homes were damaged"),
        ("Who is chief executive?", "… will become chief executive", "… is the chief scientist"),
        ("How many trees will be planted?", "… trees will be planted", "… trees were felled"),
        ("What was the net profit?", "a net profit of …", "operating earnings of …"),
        ("When was the ferry launched?", "launched on …", "on … its maiden voyage"),
        ("When does the trial start?", "the trial starts on …", "a hearing takes place on …"),
        (
            "How much was the widow awarded?",
            "a jury awarded her …",
            "the widow demands damages of …",
        ),
    ],
)
def test_contrasts(asked: str, one: str, other: str) -> None:
    """Words that exclude each other tell two facts apart; a fact agrees with itself."""
    assert contrasted(asked, one, other)
    assert not contrasted(asked, one, one)


@pytest.mark.parametrize(
    ("asked", "one", "other"),
    [
        ("How many were killed?", "… people were killed", "Kyiv claimed that … people were killed"),
        ("How many were hurt?", "the fire left … injured", "the number of injured reached …"),
        ("How many children were hurt?", "… children were hurt", "… children were injured"),
        ("In what year was it founded?", "founded in …", "founded in …"),
        (
            "How many died in the Kharkiv strike?",
            "… died in the Kharkiv strike",
            "the Russian strike killed …",
        ),
        ("Who spoke?", "… spoke", "Vice President … spoke"),
        ("How many inmates fled?", "… of the inmates fled", "… of the inmates had fled"),
        (
            "How many trees fell?",
            "… trees fell this year",
            "… trees fell last year",
        ),  # of two papers
    ],
)
def test_no_contrasts(asked: str, one: str, other: str) -> None:
    """Other words for the same fact."""
    assert not contrasted(asked, one, other)
    assert not contrasted(asked, other, one)


def test_only_those_asked_for_are_counted(tmp_path: Path) -> None:
    """Of 613 people, among them 63 children, 63 are children, however many articles say 613; and an
    article that is less sure than an answer must be still supports it."""
    corpus = write(
        tmp_path / "c",
        "In the fire at Linz station 613 people were hurt, among them 63 children, it was said.",
        "Of 613 people hurt by the fire at Linz station 63 were children, a doctor wrote to us.",
        "The report on Linz station counts 613 hurt people in all. Of them, 63 children were very young.",
    )
    answer = ask(corpus, {"613": 6.0, "63": 5.0}, "How many children were hurt at Linz station?")
    assert answer.text == "63"
    weak = ask(corpus, {"613": 3.5, "63": -20.0}, "How many people were hurt at Linz station?")
    assert (weak.text, weak.support) == ("613", 3)


def test_counts_are_fair(tmp_path: Path) -> None:
    """Of many articles, further ones are looked for on both sides."""
    texts = [
        f"The fire at Linz station left {n} people injured, paper {i} wrote in its long report on day {i} of the week."
        for i in range(10)
        for n in (42, 43)
    ]
    answer = ask(write(tmp_path / "c", *texts), {"42": 5.0, "43": 5.0})
    (claim,) = answer.disagreements
    assert abs(answer.support - claim.support) <= 2


def test_a_threshold_holds_for_the_answer_that_is_given(tmp_path: Path) -> None:
    """What is less likely than was asked for is not given for the sake of its support."""
    corpus = write(
        tmp_path / "c",
        "The fire at Linz station left 90 people injured, it was said there.",
        "After the fire at Linz station 475 people were injured, a doctor said.",
        "At Linz station 475 were injured by the fire, and the roof fell in.",
    )
    reader = FakeReader({"475": 3.0, "90": 3.6})
    for threshold in (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6):
        session = Quoth(
            corpus, index=tmp_path / "ix", encoder=FakeEncoder(), reader=reader, threshold=threshold
        )
        answer = session.answer(ASKED)
        assert answer.confidence >= threshold or not answer.found


FACTS = st.lists(
    st.tuples(st.sampled_from(["Linz", "Graz", "Wels"]), st.integers(1, 99), st.sampled_from(
        ["{n} people were injured in the fire at {p} station.", "The fire at {p} left {n} injured – “so far”.",
         "In {p}, *{n}* were hurt; 🔥 of them <b>two</b> died."])),
    min_size=1, max_size=5,
)  # fmt: skip


QUESTIONS = (
    "How many people were injured in the fire at {p}?",
    "Which stations of {p} burned?",
    "Why were people hurt in {p}?",
    "Did the fire at {p} hurt people?",
    "And in {p}?",
)


@settings(max_examples=500, deadline=None)
@given(
    facts=FACTS,
    asked=st.lists(
        st.tuples(st.sampled_from(QUESTIONS), st.sampled_from(["Linz", "Graz", "Wels"])),
        min_size=1,
        max_size=4,
    ),
)
def test_no_quote_ever_differs_from_its_article(
    tmp_path_factory: pytest.TempPathFactory,
    facts: list[tuple[str, int, str]],
    asked: list[tuple[str, str]],
) -> None:
    """In JSON, Markdown, terminal and page: words and offsets are the article's."""
    folder = tmp_path_factory.mktemp("generated")
    corpus = write(folder / "c", *(form.format(n=n, p=p) for p, n, form in facts))
    session = Quoth(
        corpus, index=folder / "ix", encoder=FakeEncoder(),
        reader=FakeReader({str(n): 5.0 + n / 50 for _, n, _ in facts}),
    )  # fmt: skip
    answers: list[Answer] = []
    for question, place in asked:
        answers.append(session.answer(question.format(p=place), history=answers))
        answer = answers[-1]
        page = unescape(re.sub("<[^>]*>", "", conversation([Turn("q", answer)], 3)))
        shown = plain(click.unstyle(terminal.render(answer, 3)))
        for citation in answer.quotes:
            article = session.index.store.article(citation.article.id)
            assert article is not None
            assert article.text[citation.start : citation.end] == citation.quote
            assert article.text[citation.answer_start : citation.answer_end] == citation.answer
            assert f"“{unescape(escape(citation.quote))}”" in page
            assert f"“{plain(citation.quote)}”" in shown
        for claim in (*answer.items, *answer.disagreements):
            assert claim.text == claim.citations[0].answer
        assert [c.number for c in answer.quotes] == list(range(1, len(answer.quotes) + 1))
    for name, text in (
        ("a.json", json.dumps([answer.to_dict(explain=True) for answer in answers])),
        ("a.md", export.markdown(answers)),
    ):
        (folder / name).write_text(text)
        if name == "a.json" or any(answer.found for answer in answers):
            assert verify(folder / name, session.index.store.article)[1] == []
    shutil.rmtree(folder)


def plain(text: str) -> str:
    """One line, single spaces."""
    return " ".join(text.split())


def test_figures_of_the_benchmarks(tmp_path: Path) -> None:
    """Worked out by hand for three answers."""
    corpus = write(
        tmp_path / "c",
        "The fire at Linz station left 475 people injured.",
        "After the fire at Linz station 487 people were injured.",
    )
    both, none = ask(corpus, {"475": 9.0, "487": 8.0}), ask(corpus, {"475": -9.0})
    row = {"gold_answers": ["475", "487"], "wrong_answers": ["90"], "relation": "differ", "answer_a": "475", "answer_b": "487"}  # fmt: skip
    found = of_ramdocs([(row, both), (row, none)])
    assert (found["gold_first"], found["gold_shown"], found["wrong_first"]) == (25.0, 50.0, 0.0)
    assert (
        of_ramdocs([({**row, "gold_answers": ["1"], "wrong_answers": [both.text]}, both)])[
            "wrong_first"
        ]
        == 100
    )
    pairs = of_pairs([(row, both), (row, none), ({**row, "relation": "other"}, both)])
    assert (pairs["precision"], pairs["recall"]) == (50.0, 50.0)
