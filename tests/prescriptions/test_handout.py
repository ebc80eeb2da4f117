from dataclasses import fields, replace

import pytest

from prescriptions.brand import UNBRANDED
from prescriptions.catalogue import Sourced
from prescriptions.handout import Edition, Fact, Handout, compose
from prescriptions.packs import load_pack
from prescriptions.program_file import read
from tests.prescriptions.builders import ABSENT, LONG_SIT, a_glide, a_long_sit, a_program, a_stretch
from tests.prescriptions.builders_paper import CLINIC, EDITION, PATIENT, ROOT, THE_FOUR, a_handout


def texts(lines):
    return [line.text for line in lines]


def sourced(value):
    """Every sentence of a handout that can name its statements."""
    if isinstance(value, Sourced):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from sourced(part)
    elif hasattr(value, "__dataclass_fields__"):
        for field in fields(value):
            yield from sourced(getattr(value, field.name))


def test_the_handout_says_whose_it_is_and_which_one():
    handout = a_handout()

    assert handout.patient == (
        Fact("Name", "Sample Patient"),
        Fact("Born", "9 March 1984"),
        Fact("Record number", "MRN-0042"),
    )
    assert handout.edition == (
        Fact("Date", "22 November 2026"),
        Fact("Program", "HW-7F3K2Q9P"),
        Fact("Version", "2 (replaces version 1)"),
        Fact("Therapist", "Alex Morgan"),
    )


def test_the_clinic_says_where_it_is_and_when_it_answers():
    handout = a_handout()

    assert handout.contact == (
        Fact("Phone", "555 0100"),
        Fact("Address", "12 Mill Lane, Springfield"),
        Fact("Email", "hello@riverside.example"),
    )
    assert handout.call == (Fact("Call us", "555 0100"), Fact("Open", "Monday to Friday, 8:00 to 18:00"))


def test_what_the_command_line_does_not_know_is_left_to_be_written_by_hand():
    handout = a_handout(patient=ABSENT, brand=UNBRANDED, edition=Edition("HW-7F3K2Q9P", 1, "2026-11-22"))

    assert handout.clinic_name == ""
    assert handout.contact == (Fact("Phone", ""),)
    assert handout.call == (Fact("Call us", ""),)
    assert [fact.value for fact in handout.patient] == ["", "", ""]


def test_how_often_and_when_is_said_in_order():
    handout = a_handout(timing=["morning", "rest_day"])

    assert texts(handout.schedule) == [
        "Do this program on 4 days each week, for 6 weeks.",
        "It takes about 7 minutes each time.",
        "Start on 23 November 2026.",
        "Your last day is 3 January 2027.",
        "A short session in the morning works well.",
        "Do it on a rest day, as a session of its own.",
        "Try to keep a steady rhythm, week by week.",
    ]


def test_the_warm_up_comes_with_its_reason():
    handout = a_handout()

    assert texts(handout.warm_up)[:2] == ["Walk for 5 minutes.", "Always warm up first."]


def test_a_program_without_a_warm_up_prints_none():
    handout = a_handout(a_glide(), warm_up=ABSENT)

    assert handout.warm_up == ()


@pytest.mark.parametrize("statement", ["prec.1", "prec.2", "prec.3", "prec.5"])
@pytest.mark.parametrize("item", THE_FOUR)
def test_the_stop_box_holds_each_warning_whatever_is_prescribed(item, statement):
    handout = a_handout(item)

    assert statement in {source for line in handout.stop for source in line.source}


def test_the_purpose_takes_three_sentences_at_most():
    handout = a_handout()

    assert 1 <= len(handout.purpose) <= 3


def test_exercises_keep_the_order_of_the_program():
    handout = a_handout(a_glide(), a_stretch(), a_long_sit())

    assert [sheet.title for sheet in handout.exercises] == [
        "1. Seated nerve glide",
        "2. Lying leg stretch with a strap",
        "3. Floor stretch with both legs out",
    ]


def test_an_exercise_says_all_that_is_needed_to_do_it(pack):
    item, exercise = a_stretch(note="Slow and easy."), pack.exercises[a_stretch()["exercise"]]

    sheet = a_handout(item).exercises[0]

    assert sheet.side == "Left leg"
    assert texts(sheet.dose) == ["Hold for 30 seconds. Do this 3 times on your left leg."]
    assert (sheet.steps, sheet.feel, sheet.avoid) == (exercise.steps, exercise.feel, exercise.avoid)
    assert texts(sheet.needs) == ["You need a strap, a towel, or a stretch band."]
    assert sheet.note == "Slow and easy."


@pytest.mark.parametrize(
    ("side", "title", "seen"),
    [("left", "Left leg", "left leg"), ("right", "Right leg", "right leg"), ("both", "Each leg", "right leg")],
)
def test_the_picture_shows_the_prescribed_leg(side, title, seen):
    sheet = a_handout(a_stretch(side=side)).exercises[0]

    assert sheet.side == title
    assert seen in sheet.picture_text
    assert sheet.picture_text in sheet.picture


def test_the_picture_of_both_legs_together_names_no_side():
    sheet = a_handout(a_long_sit()).exercises[0]

    assert (sheet.exercise, sheet.side) == (LONG_SIT, "Both legs together")


def test_one_leg_stands_for_both_in_a_picture_and_the_caption_says_so():
    one, both = (a_handout(a_stretch(side=side)).exercises[0] for side in ("left", "both"))

    assert "Do the same with your left leg." in " ".join(both.caption)
    assert "Do the same" not in " ".join(one.caption)


def test_nothing_is_said_twice_to_one_exercise():
    sheet = a_handout(a_glide()).exercises[0]

    assert "Do not hold the end position." in texts(sheet.dose)
    assert "Do not hold the end position." not in texts(sheet.avoid)


def test_an_exercise_with_its_own_frequency_says_it():
    first, second = a_handout(a_stretch(), a_glide(sessions_per_week=3)).exercises

    assert texts(first.dose)[-1].startswith("Hold")
    assert texts(second.dose)[-1] == "Do this exercise on 3 days each week."


def test_a_question_about_stretches_is_left_out_where_none_is_prescribed():
    asked = {question.question for question in a_handout().questions}

    glide = {question.question for question in a_handout(a_glide(), warm_up=ABSENT).questions}

    assert asked - glide == {"Which stretches help?"}


@pytest.mark.parametrize(
    ("changes", "weeks", "sessions"),
    [
        ({"weeks": 6}, 6, 4),
        ({"weeks": 26}, 26, 4),
        ({"weeks": 27}, 26, 4),
        ({"weeks": ABSENT}, 6, 4),
        ({"sessions_per_week": 7}, 6, 7),
    ],
)
def test_the_diary_has_a_row_a_week_and_a_box_a_session(changes, weeks, sessions):
    diary = a_handout(**changes).diary

    assert (diary.weeks, diary.sessions) == (weeks, sessions)


def test_the_diary_has_boxes_for_the_exercise_that_is_done_most_often():
    diary = a_handout(a_stretch(sessions_per_week=5), a_glide(), sessions_per_week=3).diary

    assert diary.sessions == 5


@pytest.mark.parametrize(("weeks", "said"), [(26, False), (27, True)])
def test_a_diary_that_is_too_short_for_the_program_says_so(weeks, said):
    diary = a_handout(weeks=weeks).diary

    assert ("This table has room for 26 weeks. Then ask us for a new one." in diary.help) is said


def test_every_cited_statement_is_one_of_the_source(pack):
    cited = {source for line in sourced(a_handout(*THE_FOUR)) for source in line.source}

    assert cited
    assert cited <= set(pack.statements)


def test_remarks_for_clinicians_stay_off_the_handout(pack):
    said = repr(a_handout(*THE_FOUR))

    for exercise in pack.exercises.values():
        assert not [line.text for line in exercise.clinician if line.text in said]
    assert not [line.text for line in pack.education.clinician if line.text in said]


def test_a_demonstration_says_so():
    assert a_handout(brand=replace(CLINIC, is_demonstration=True)).notice == "This is a demo. It is not for a patient."
    assert a_handout().notice == ""


def test_another_pack_needs_no_other_words():
    calf = load_pack(ROOT / "tests/packs/weak-calf")
    exercise = next(found for found in calf.exercises.values() if found.published and found.movement == "dynamic")
    item = {"exercise": exercise.id, "side": "left", "sets": 3, "repetitions": 10, "rest_seconds": 60}

    handout = compose(read(a_program(item, patient=PATIENT), calf), calf, CLINIC, EDITION)

    assert isinstance(handout, Handout)
    assert texts(handout.exercises[0].dose) == [
        "Do 10 movements in a row on your left leg.",
        "That is 1 set. Do 3 sets. Rest for 60 seconds between sets.",
    ]
