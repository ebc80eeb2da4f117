import pytest

from app.services import screenings

TYPED = {
    "date.day": "20",
    "date.month": "11",
    "date.year": "2025",
    "legs.left.asked": "yes",
    "legs.left.sensations.0": "pull",
    "legs.right.asked": "yes",
    "legs.right.sensations.2": "tingling",
    "legs.right.sensations.4": "burning",
    "lower_back_sensitive": "no",
    "persistent": "yes",
    "causes.0": "prolonged_sitting",
    "equipment.0": "strap",
    "equipment.3": "chair",
}


def without(*names):
    return {name: value for name, value in TYPED.items() if name not in names}


@pytest.fixture
def screen(as_alma, patient):
    """Sends the form."""
    return lambda form, **kwargs: as_alma.post(f"/patients/{patient.id}/screening", data=form, **kwargs)


@pytest.fixture
def latest(app, alma, patient):
    """Reads what is recorded."""

    def read():
        with app.app_context():
            found = screenings.latest(patient.id, by=alma)
        return found.document if found else None

    return read


def test_a_screening_is_recorded_as_it_was_answered(screen, latest):
    answer = screen(TYPED, follow_redirects=True)

    assert "Screening saved." in answer.text
    assert latest() == {
        "date": "2025-11-20",
        "legs": {"left": {"sensations": ["pull"]}, "right": {"sensations": ["tingling", "burning"]}},
        "persistent": True,
        "causes": ["prolonged_sitting"],
        "equipment": ["strap", "chair"],
    }


def test_a_leg_that_was_not_asked_about_stays_unscreened(screen, latest):
    screen(without("legs.left.sensations.0") | {"legs.left.asked": "no"})

    assert list(latest()["legs"]) == ["right"]


def test_none_felt_is_an_answer(screen, latest):
    screen(without("legs.left.sensations.0") | {"legs.left.none.0": "none"})

    assert latest()["legs"]["left"] == {"sensations": []}


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        (without("legs.left.asked"), "legs-left-asked", "Say whether the left leg was asked about."),
        (
            without("legs.left.sensations.0"),
            "legs-left-sensations",
            "Tick what is felt in the left leg, or “None felt”.",
        ),
        (TYPED | {"legs.left.none.0": "none"}, "legs-left-none", "The left leg has sensations ticked and “None felt”."),
        (TYPED | {"legs.left.asked": "no"}, "legs-left-asked", "The left leg has answers below."),
        (
            without("legs.left.sensations.0") | {"legs.left.asked": "no", "legs.left.none.0": "none"},
            "legs-left-asked",
            "The left leg has answers below.",
        ),
        (without("lower_back_sensitive"), "lower_back_sensitive", "Say whether the lower back is sensitive."),
        (without("persistent"), "persistent", "Say whether the tightness or pain is persistent."),
        (TYPED | {"date.month": "13"}, "date", "Date of the screening must be a real date"),
        (TYPED | {"date.year": "2999"}, "date", "Lies in the future."),
        (without("date.day", "date.month", "date.year"), "date", "Give the date of the screening."),
        (
            {
                **without("legs.left.sensations.0", "legs.right.sensations.2", "legs.right.sensations.4"),
                "legs.left.asked": "no",
                "legs.right.asked": "no",
            },
            "legs-left-asked",
            "Ask about one leg at least.",
        ),
    ],
)
def test_an_open_question_is_never_taken_for_a_no(screen, latest, form, field, words):
    answer = screen(form)

    assert answer.status_code == 422
    assert f'<a href="#{field}">{words}' in answer.text
    assert f'id="{field}"' in answer.text
    assert latest() is None


def test_nothing_that_was_ticked_is_lost_when_the_form_comes_back(screen):
    page = screen(without("persistent") | {"date.day": "32"}).text

    assert page.count(" checked") == 9
    assert 'value="burning" checked' in page
    assert 'name="date.day" value="32"' in page


def test_an_answer_that_is_not_on_the_form_is_refused(screen):
    assert screen(TYPED | {"legs.left.sensations.0": "itching"}).status_code == 422


def test_a_new_screening_takes_over_what_does_not_change_and_asks_the_rest_again(as_alma, screened):
    page = as_alma.get(f"/patients/{screened.id}/screening").text

    assert 'value="strap" checked' in page
    assert 'value="pull" checked' not in page
    assert 'name="legs.left.asked" value="yes" checked' not in page
    assert 'name="lower_back_sensitive" value="no" checked' not in page
    assert 'name="persistent" value="no" checked' not in page


def test_the_form_says_what_a_nerve_sensation_means_for_the_program(as_alma, patient):
    assert (
        "Any of these rules out static stretches for this leg." in as_alma.get(f"/patients/{patient.id}/screening").text
    )


def test_a_screening_from_the_builder_leads_back_to_it(screen, as_alma, patient):
    draft = as_alma.post(f"/patients/{patient.id}/draft").location.rpartition("/")[2]

    assert screen(TYPED | {"draft": draft}).location == f"/drafts/{draft}"


def test_staff_do_not_screen(as_sten, patient):
    assert as_sten.get(f"/patients/{patient.id}/screening").status_code == 403
