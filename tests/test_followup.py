"""Follow-up questions: what is put into words, and what is left alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Quoth, export, terminal
from qa.benchmarks.followups import figures
from qa.followup import Turn, resolved
from qa.mentions import mentions
from qa.page import answers
from tests.fakes import FakeEncoder, FakeReader

BRIDGE = Turn("When was the bridge in Linz built?", "1957")
DESIGNER = Turn("Who designed the bridge in Linz?", "Ana Brolin")
KILLED = Turn("How many people were killed in the mine fire?", "18")
SEATS = Turn("How many seats did Labour win in 1997?", "418")
QUAKE = Turn("When did the earthquake hit Turkey?", "6 February 2023")
FESTIVAL = Turn("Which festival is held in Graz?", "Autumn of Styria")


@pytest.mark.parametrize(
    ("turns", "asked", "understood"),
    [
        # pronouns
        ([BRIDGE], "Who designed it?", "Who designed the bridge in Linz?"),
        ([DESIGNER], "Where was she born?", "Where was Ana Brolin born?"),
        ([DESIGNER], "What was her first work?", "What was Ana Brolin's first work?"),
        ([DESIGNER], "Who paid her for it?", "Who paid Ana Brolin for the bridge in Linz?"),
        ([KILLED], "And how many of them were children?",
         "How many of the people killed in the mine fire were children?"),
        ([KILLED], "Who buried them?", "Who buried the people killed in the mine fire?"),
        ([FESTIVAL], "When does it begin?", "When does Autumn of Styria begin?"),
        ([Turn("Who raised Linz's Town Flag in Graz?", "Mayor Ana Brolin")], "Where else did she raise it that day?",
         "Where else did Mayor Ana Brolin raise Linz's Town Flag that day?"),
        ([Turn("When did the city council adopt its resolution on the mine fire?", "1994")],
         "What did this resolution set out?", "What did the resolution on the mine fire set out?"),
        ([Turn("How did the session at the harbour museum begin?", None)], "Who spoke there?",
         "Who spoke in the harbour museum?"),
        ([Turn("How many people were killed in Graz according to Ana Brolin?", "80"),
          Turn("Why, according to Ana Brolin?", None)], "And how many old people were among them?",
         "How many old people were among the people killed in Graz according to Ana Brolin?"),
        # whom of several was asked for, not what is named beside
        ([Turn("Which member of parliament wrote about the Harbour Bill?", "Tom Ferrow")],
         "What was his job before?", "What was Tom Ferrow's job before?"),
        ([Turn("Which newspaper interviewed Tom Ferrow?", "Daily Bell")], "How old is he?",
         "How old is Tom Ferrow?"),
        # one of a kind that was spoken of
        ([Turn("When was the last strike in Graz?", "1988")], "How long did that one last?",
         "How long did the last strike in Graz last?"),
        ([Turn("When was the last strike in Graz?", "1988")], "Is that one person still alive?",
         "Is that one person still alive?"),
        ([Turn("When was the last strike in Graz?", "1988")], "What is it that one should know?",
         "What is it that one should know?"),
        # what was counted
        ([Turn("How many families have settled in Graz?", "144")], "How many people is that?",
         "How many people have settled in Graz?"),
        ([Turn("Where did residents of Linz flee?", "to Graz")], "How many?", "How many residents of Linz flee?"),
        # the event that was asked about
        ([BRIDGE], "Why?", "Why was the bridge in Linz built?"),
        ([DESIGNER], "When was that?", "When was it that Ana Brolin designed the bridge in Linz?"),
        ([Turn("Which tower was torn down in Ghent?")], "When?", "When was the tower torn down in Ghent?"),
        ([KILLED], "When?", "When were people killed in the mine fire?"),
        ([DESIGNER], "Who else?", "Who else designed the bridge in Linz?"),
        # a part in place of another
        ([BRIDGE], "And in Graz?", "When was the bridge in Graz built?"),
        ([BRIDGE], "What about the tunnel?", "When was the tunnel built?"),
        ([KILLED], "And horses?", "How many horses were killed in the mine fire?"),
        ([KILLED], "How many women?", "How many women were killed in the mine fire?"),
        ([Turn("Who leads Norway?", "X")], "And Sweden?", "Who leads Sweden?"),
        ([Turn("Who won the first race?", "X")], "And the second race?", "Who won the second race?"),
        # what is pointed at
        ([Turn("Who began the Clean Rivers campaign?", "Ana Brolin")], "When did that campaign begin?",
         "When did the Clean Rivers campaign begin?"),
        ([BRIDGE], "What else was built in that year?", "What else was built in 1957?"),
        ([Turn("Where did Ana Brolin study?", "Graz")], "How long did she live there?",
         "How long did Ana Brolin live in Graz?"),
        ([KILLED], "Which countries regretted it?", "Which countries regretted the mine fire?"),
        ([Turn("Who is the head of NATO?", "Mark Rutte")], "Where is its seat?", "Where is NATO's seat?"),
        ([Turn("Which ferry sank?", "the Sewol")], "When did it sink?", "When did the Sewol sink?"),
        ([Turn("Who signed the treaty?", "Ana Brolin and Petr Kalm")], "Where did they sign it?",
         "Where did Ana Brolin and Petr Kalm sign the treaty?"),
        ([Turn("Who won the race in 1985?", "X")], "And in 1986?", "Who won the race in 1986?"),
        ([KILLED], "And injured?", "How many people were injured in the mine fire?"),
        ([Turn("Who shot Olof Berg?", "Sten Ek")], "When was he shot?", "When was Olof Berg shot?"),
        ([Turn("Who leads it?", "Ursula von der Leyen")], "Where was she born?",
         "Where was Ursula von der Leyen born?"),
        # a year beside a place, and a year instead of another
        ([BRIDGE], "And in 1993?", "When was the bridge in Linz built in 1993?"),
        ([KILLED], "And in 1993?", "How many people were killed in the mine fire in 1993?"),
        ([KILLED], "What about 1993?", "How many people were killed in the mine fire in 1993?"),
        ([Turn("Who won the race in 1985?", "X")], "In 1986?", "Who won the race in 1986?"),
        ([SEATS], "How many in 2001?", "How many seats did Labour win in 2001?"),
        ([SEATS], "And the Tories in 2001?", "How many seats did the Tories win in 2001?"),
        # others who are counted
        ([KILLED], "How many injured?", "How many people were injured in the mine fire?"),
        ([KILLED], "How many survived?", "How many people survived in the mine fire?"),
        ([KILLED], "How many children died?", "How many children died in the mine fire?"),
        ([KILLED], "What about the wounded?", "How many people were wounded in the mine fire?"),
        ([KILLED], "And the children?", "How many children were killed in the mine fire?"),
        ([KILLED], "And the floods?", "How many people were killed in the floods?"),
        # names with an article
        ([Turn("Who is the president of France?", "X")], "And the US?", "Who is the president of the US?"),
        ([SEATS], "And the Conservatives?", "How many seats did the Conservatives win in 1997?"),
        ([BRIDGE], "And the Eiffel Tower?", "When was the Eiffel Tower built?"),
        ([Turn("Who won the Graz men's final?", "X")], "And the women's final?", "Who won the Graz women's final?"),
        # where the subject of the question before ends
        ([QUAKE], "How strong was it?", "How strong was the earthquake?"),
        ([Turn("When did the Sewol hit the pier?")], "Who built it?", "Who built the Sewol?"),
        ([Turn("When did the strike begin in Graz?")], "Who called it?", "Who called the strike?"),
        ([DESIGNER], "Where was that?", "Where was it that Ana Brolin designed the bridge in Linz?"),
        ([BRIDGE], "Who was mayor at that time?", "Who was mayor in 1957?"),
        ([KILLED], "What did the papers say about their families?",
         "What did the papers say about the people killed in the mine fire's families?"),
        # what a figure is of, and whom something has at its head
        ([Turn("What is the population of Linz?", "210,000")], "When was it founded?", "When was Linz founded?"),
        ([Turn("What was the height of the tower?", "90 m")], "Who built it?", "Who built the tower?"),
        ([Turn("What was the cause of the crash?", "fog")], "When did it happen?", "When did the crash happen?"),
        ([Turn("Who is the CEO of Apple?", "Ana Brolin")], "When was it founded?", "When was Apple founded?"),
        ([Turn("Who is the CEO of Apple?", "Ana Brolin")], "And of Google?", "Who is the CEO of Google?"),
        ([Turn("What is the capital of France?", "Paris")], "What is its population?", "What is Paris's population?"),
        # another of the same
        ([Turn("Who is the president of Norway?", "X")], "And the prime minister?", "Who is the prime minister of Norway?"),
        ([Turn("What is the population of Linz?", "210,000")], "And in Graz?", "What is the population of Graz?"),
        ([Turn("What is the largest city in Styria?", "Graz")], "And the second largest?",
         "What is the second largest city in Styria?"),
        ([KILLED], "How many missing?", "How many people were missing in the mine fire?"),
        # an event that was spoken of
        ([Turn("How many people died in the mine fire?", "18")], "When was it?", "When was the mine fire?"),
        ([Turn("Which countries signed the treaty?", "France and Germany")], "Where was it signed?",
         "Where was the treaty signed?"),
        ([Turn("Who killed Olof Berg?", "Sten Ek")], "Where was he killed?", "Where was Olof Berg killed?"),
        ([Turn("Who killed Olof Berg?", "Sten Ek")], "When was he arrested?", "When was Sten Ek arrested?"),
        ([Turn("When was the King of Norway crowned?", "1991")], "Where was he born?", "Where was the King of Norway born?"),
        ([Turn("Which film won the prize?", "Pride and Prejudice")], "Who directed it?",
         "Who directed Pride and Prejudice?"),
        ([Turn("How long was the siege of Linz?", "90 days")], "When did it end?", "When did the siege of Linz end?"),
        ([Turn("What is the population of Linz?", "210,000")], "Is it growing?", "Is the population of Linz growing?"),
        ([Turn("Who shot Olof Berg?", "Sten Ek")], "How old was he?", "How old was Sten Ek?"),
        ([Turn("Who shot Olof Berg?", "Sten Ek")], "How did he do it?", "How did Sten Ek do it?"),
        # over several turns
        ([DESIGNER, Turn("Where was Ana Brolin born?", "Oslo")], "When did she die?", "When did Ana Brolin die?"),
    ],
)  # fmt: skip
def test_resolved(turns: list[Turn], asked: str, understood: str) -> None:
    """The question is made of its own words and those of the conversation."""
    assert resolved(asked, turns) == understood


@pytest.mark.parametrize(
    "asked",
    [
        "When was the harbour of Triest opened?",
        "Who is Petr Kalm and when was he born?",
        "When did the museum open, and who paid for it?",
        "Is it true that the mayor resigned?",
        "How long did it take to build the dam?",
        "Is there a library in Linz?",
        "How many women were killed?",
        "What did the author say about the mine fire?",
        "Did the president say that he would resign?",
        "Which actor said he would leave?",
        "Who starred in There Will Be Blood?",
        "Who directed Her?",
        "What does “they shall not pass” mean?",
        "When will there be an election in Spain?",
        "What time is it in Tokyo?",
        "Is it legal to swim in the Danube?",
        "Who designed the bridge between Denmark and Sweden?",
        "In welchem Jahr?",
        "How many people lost their homes in the flood?",
        "How many workers lost their jobs at Ford?",
        "Why did the strikers end their protest?",
        "How did residents react when their water was cut?",
        "How did the driver lose control of his car?",
        "Did the mayor apologise for her remarks?",
        "When was it announced that the king had died?",
        "Why is it important to vote?",
        "Was it raining in London?",
        "Was it the first time Labour won?",
        "What about inflation in Germany?",
        "And the year before?",
        "And then?",
        "it " * 5000,
        "hello",
        "???",
        "",
    ],
)
def test_questions_that_stand_alone_are_left_alone(asked: str) -> None:
    """A wrong resolution is worse than none."""
    assert resolved(asked, [DESIGNER, KILLED]) == " ".join(asked.split())


def test_without_a_conversation_nothing_is_resolved() -> None:
    """The first question is taken as it is, but for white space."""
    assert resolved("  Who designed\n it? ", []) == "Who designed it?"


def test_what_is_spoken_of() -> None:
    """Names in full, phrases with what belongs to them."""
    found = [
        m.text for m in mentions("When was the memorial to the Battle of Lissa in Vienna unveiled?")
    ]
    assert found == [
        "the memorial to the Battle of Lissa in Vienna",
        "the Battle of Lissa in Vienna",
        "Battle of Lissa",
        "Vienna",
    ]


@given(
    st.lists(st.tuples(st.text(max_size=60), st.none() | st.text(max_size=30)), max_size=3),
    st.text(max_size=80),
)
def test_any_text_is_taken(turns: list[tuple[str, str | None]], asked: str) -> None:
    """No question and no conversation is too odd."""
    assert isinstance(resolved(asked, [Turn(*turn) for turn in turns]), str)


def test_a_conversation(news: Path) -> None:
    """A follow-up is understood from answers, or from questions alone; what was understood is said."""
    session = Quoth(news, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": 9.0, "300": 8.0}))
    first = session.answer("Who owns the bakery in Mill Lane?")
    for history in ([first], ["Who owns the bakery in Mill Lane?"]):
        answer = session.answer("How many loaves does he bake?", history=history)
        assert answer.question == "How many loaves does he bake?"
        assert answer.resolved_question == "How many loaves does Tom Ferrow bake?"
        assert answer.rewritten
    assert "Understood as: How many loaves does Tom Ferrow bake?" in terminal.render(answer, 3)
    assert "Understood as" in export.markdown([answer])
    assert "Understood as “How many loaves does Tom Ferrow bake?”" in answers.conversation(
        [answers.Turn("q", answer)], 3
    )
    assert not session.answer("How many loaves does he bake?").rewritten


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("hello", "ask a question that the articles can answer"),
        ("Thank you very much!", "ask a question that the articles can answer"),
        ("bakery", "One word is not a question"),
        ("Why?", "One word is not a question"),
        ("?!", "There is no question in it"),
        ("", "There is no question in it"),
        ("xqzv wplk fnord grmbl", "seems to be about this"),
        ("zebra " * 2000, "seems to be about this"),
    ],
)
def test_what_is_no_question_gets_a_sensible_reply(news: Path, asked: str, said: str) -> None:
    """Greetings, single words, nonsense and endless text are answered with a reason."""
    session = Quoth(news, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": -9.0}))
    answer = session.answer(asked)
    assert answer.status == "not_found"
    assert said in (answer.reason or "")


def test_relevant_but_unanswered_is_told_from_irrelevant(news: Path) -> None:
    """Passages about it, none that answers: another reason than nothing about it."""
    session = Quoth(news, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": -9.0}))
    answer = session.answer("Who sold the bakery in Mill Lane?")
    assert "none answers it clearly" in (answer.reason or "")
    assert answer.passages


def test_figures_of_the_benchmark() -> None:
    """Worked out by hand for a conversation of two turns."""
    rows = [
        {"QuAC_dialog_id": "a", "History": ["Ana Brolin", "Life"], "Question": "Where was she born?",
         "Rewrite": "Where was Ana Brolin born?"},
        {"QuAC_dialog_id": "a", "History": ["Ana Brolin", "Life", "Where was she born?", "In Oslo."],
         "Question": "Who is Petr Kalm?", "Rewrite": "Who is Petr Kalm?"},
    ]  # fmt: skip
    found = figures(rows)
    assert (found["f1"], found["changed"], found["of_these_left_alone"]) == (100.0, 50.0, 100.0)
    assert found["f1_as_asked"] == pytest.approx(100 * (1 + 2 * 3 / 9) / 2)
