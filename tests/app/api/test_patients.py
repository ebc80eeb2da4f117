"""Patients through the API."""

import pytest

MAYA = {"name": "Maya Holm", "identifier": "M1", "birth_date": "1984-03-09"}


def test_a_new_patient_can_be_found_at_once(therapist):
    answer = therapist.post("/patients", json=MAYA)

    assert answer.status_code == 201
    assert therapist.get(answer.headers["Location"].removeprefix("/api/v1")).json == answer.json
    assert therapist.post("/patients/search", json={"text": "maya"}).json["items"] == [answer.json]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Maya\u202eHolm"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"identifier": None}, "identifier"),
        ({"birth_date": "2026-02-30"}, "birth_date"),
        ({"clinic_id": "another"}, "clinic_id"),
        ({"id": "mine"}, "id"),
        ({"revision": 7}, "revision"),
    ],
)
def test_a_bad_or_foreign_field_is_refused_by_name(therapist, changes, field):
    answer = therapist.post("/patients", json=MAYA | changes)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert therapist.get("/patients").json["total"] == 0


@pytest.mark.parametrize("body", [b"{", b'{"name": "a", "name": "b"}', b'{"name": NaN}', b"[" * 100_000])
def test_json_with_two_meanings_or_none_is_refused(therapist, body):
    answer = therapist.post("/patients", data=body, content_type="application/json")

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(therapist, kind):
    assert therapist.post("/patients", data=b"{}", content_type=kind).status_code == 415


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=-1", "page=99999999999999999999", "colour=red", "text=maya", "q=maya"]
)
def test_a_bad_query_is_refused(therapist, query):
    answer = therapist.get(f"/patients?{query}")

    assert (answer.status_code, list(answer.json["errors"])) == (422, [query.split("=")[0]])


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "x" * 201},
        {"text": "Maya\u202e"},
        {"text": None},
        {"page": 0},
        {"page": "1"},
        {"page": 10**9},
    ],
)
def test_a_bad_search_is_refused_by_its_field(therapist, changes):
    answer = therapist.post("/patients/search", json={"text": "maya"} | changes)

    assert (answer.status_code, list(answer.json["errors"])) == (422, list(changes))


def test_another_clinics_patients_are_not_in_the_list(therapist, stranger):
    therapist.post("/patients", json=MAYA)

    assert stranger.get("/patients").json["items"] == []
    assert stranger.post("/patients/search", json={"text": "maya"}).json["items"] == []
