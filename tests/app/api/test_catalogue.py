"""The catalogue through the API."""

from app.services.catalogue import pack


def test_the_catalogue_lists_what_can_be_prescribed(staff):
    answer = staff.get("/catalogue").json

    assert [exercise["id"] for exercise in answer["exercises"]] == [
        e.id for e in pack().exercises.values() if e.published
    ]
    assert answer["digest"] == pack().digest


def test_an_exercise_carries_its_ranges_with_their_sources(staff):
    dose = staff.get("/catalogue/supine-hamstring-stretch-strap").json["doses"]["hold_seconds"]

    assert (dose["low"], dose["high"]) == (20, 30)
    assert dose["source"]


def test_an_unknown_exercise_is_not_found(staff):
    answer = staff.get("/catalogue/bicycle-crunch")

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
