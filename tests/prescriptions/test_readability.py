import pytest

from prescriptions.readability import HIGHEST_GRADE, grade, hints
from tests.prescriptions.builders import a_glide
from tests.prescriptions.builders_paper import THE_FOUR, a_full_handout
from tests.prescriptions.reading import grade as dictionary_grade
from tests.prescriptions.test_pack_wording import ALL_TEXTS


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("Do 10 reps.", "Write “times” instead of “reps”."),
        ("Watch your ROM.", "Write “how far it moves” instead of “ROM”."),
        ("Rest, e.g. on a chair.", "Write “such as” instead of “e.g.”."),
        ("Hold for 20 sec.", "Write “seconds” instead of “sec”."),
        ("Do it three times.", "Write “3” instead of “three”."),
        ("Do it 10-12 times.", "Write “10 to 12”: a dash can be read as a minus."),
        ("Do it 10 – 12 times.", "Write “10 to 12”: a dash can be read as a minus."),
        ("Do 3x10 of them.", "Say in words what “3x10” means, such as “10 times. Do 3 sets.”"),
        ("Hold for <30 seconds.", "Say “<” in words."),
        ("Go SLOWLY at first.", "Write “SLOWLY” in small letters: they are easier to read."),
        (
            "Lift your leg and then lower it.",
            "Put what comes after “and then” into a sentence of its own: one action at a time.",
        ),
        (
            "Sit down on the chair and put one foot on the low step with your knee as straight as you can make it now.",
            "A sentence has 24 words. Make two of it: 20 words or fewer are easy to follow.",
        ),
    ],
)
def test_a_hint_names_what_to_write_instead(typed, hint):
    assert hints(typed) == (hint,)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Slow and easy.",
        "Rest now and then.",
        "Then rest.",
        "Keep 1 hand on the wall.",
        "Use one leg.",
        "Ελένη, Łukasz",
        "7",
    ],
)
def test_plain_words_get_no_hint(typed):
    assert hints(typed) == ()


def test_hard_words_are_told_by_their_school_grade():
    typed = (
        "Maintain a comfortable isometric contraction throughout the entire duration. "
        "Compensatory movements of the contralateral extremity indicate insufficient stabilisation of the trunk."
    )

    assert hints(typed) == (
        f"This reads at school grade {grade(typed):.0f}; aim for {HIGHEST_GRADE:.0f}. Use shorter words and sentences.",
    )


def test_the_grade_is_near_the_one_by_dictionary():
    text = " ".join(ALL_TEXTS)

    assert abs(grade(text) - dictionary_grade(text)) < 0.5


def test_what_the_handout_itself_says_is_plain():
    handout = a_full_handout(*THE_FOUR, a_glide(sessions_per_week=3), timing=["morning", "rest_day"], weeks=30)
    said = [line.text for line in (*handout.warm_up, *handout.schedule)]
    said += [line.text for sheet in handout.exercises for line in (*sheet.dose, *sheet.needs)]
    said += [line for sheet in handout.exercises for line in sheet.caption]
    said += [*handout.diary.help, handout.changed, handout.stop_title]

    assert {text: hints(text) for text in said if hints(text)} == {}
    assert dictionary_grade(" ".join(said)) <= HIGHEST_GRADE
