"""What patients read is plain: reading grade 6 at most, one action a step, 20 words a sentence."""

import re
from collections.abc import Iterator

import pytest

from prescriptions.catalogue import Exercise
from prescriptions.packs import HAMSTRING, load_pack
from tests.prescriptions.reading import grade

PACK = load_pack(HAMSTRING)
JARGON = re.compile(
    r"\b(bilateral|supine|prone|dorsiflex\w*|plantar\w*|flexion|extension|reps?|ROM|HEP|distal)\b", re.IGNORECASE
)
HIGHEST_GRADE = 6.0
MOST_WORDS = 20


def exercise_texts(exercise: Exercise) -> list[str]:
    return [one.text for one in (exercise.purpose, *exercise.steps, *exercise.feel, *exercise.avoid)]


def education_texts() -> Iterator[str]:
    education = PACK.education
    sections = (
        education.purpose,
        education.warm_up,
        education.routine,
        education.principles,
        education.stop,
        education.contrast_close,
        education.anatomy,
        tuple(education.timing.values()),
        *(question.answer for question in education.questions),
    )
    yield from (one.text for section in sections for one in section)
    yield from (question.question for question in education.questions)


ALL_TEXTS = list(
    dict.fromkeys([*education_texts(), *(text for one in PACK.exercises.values() for text in exercise_texts(one))])
)


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!:])\s+", text) if part]


@pytest.mark.parametrize("exercise", PACK.exercises.values(), ids=lambda exercise: exercise.id)
def test_an_exercise_reads_at_grade_six(exercise):
    assert grade(" ".join(exercise_texts(exercise))) <= HIGHEST_GRADE


@pytest.mark.parametrize(
    "section",
    ["purpose", "warm_up", "routine", "principles", "stop", "contrast_close", "anatomy"],
)
def test_each_part_of_the_education_reads_at_grade_six(section):
    text = " ".join(one.text for one in getattr(PACK.education, section))

    assert grade(text) <= HIGHEST_GRADE


@pytest.mark.parametrize("question", PACK.education.questions, ids=lambda question: question.question)
def test_each_question_is_answered_at_grade_six(question):
    text = " ".join([question.question, *(one.text for one in question.answer)])

    assert grade(text) <= HIGHEST_GRADE


@pytest.mark.parametrize("text", ALL_TEXTS)
def test_no_sentence_is_longer_than_twenty_words(text):
    assert [one for one in sentences(text) if len(one.split()) > MOST_WORDS] == []


@pytest.mark.parametrize("text", ALL_TEXTS)
def test_no_jargon_no_dash_range_no_abbreviation(text):
    assert not JARGON.search(text)
    assert not re.search(r"\d\s*[-–x×/]\s*\d", text)  # a range in words, never a dash or a times sign


@pytest.mark.parametrize(
    "step", sorted({step.text for one in PACK.exercises.values() for step in one.steps}), ids=lambda step: step
)
def test_a_step_is_one_action(step):
    assert len(sentences(step)) <= 2
    assert not re.search(r"\b(then|afterwards|after that)\b", step, re.IGNORECASE)


@pytest.mark.parametrize("exercise", PACK.exercises.values(), ids=lambda exercise: exercise.id)
def test_an_exercise_has_seven_steps_at_most(exercise):
    assert 1 <= len(exercise.steps) <= 7


def test_the_stop_box_holds_the_four_rules_that_no_handout_may_lack():
    cited = {statement for one in PACK.education.stop for statement in one.source}

    assert {"prec.1", "prec.2", "prec.3", "prec.5"} <= cited
