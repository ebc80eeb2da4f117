"""Programs through the API: issued once, read for ever."""

import hashlib

import pytest

from tests.builders import a_file, a_key, a_screening_document

MAYA = {"name": "Maya Holm", "identifier": "M1", "birth_date": "1984-03-09"}


@pytest.fixture
def patient_id(therapist):
    """A patient who was added through the API."""
    return therapist.post("/patients", json=MAYA).json["id"]


def issue(caller, whose, *, key=None, **changes):
    body = a_file(patient_id=whose, screening=a_screening_document()) | changes
    return caller.post("/programs", json=body, headers={"Idempotency-Key": key or a_key()})


def test_an_issued_program_is_told_whole(therapist, patient_id):
    answer = issue(therapist, patient_id)

    assert answer.status_code == 201
    assert therapist.get(answer.headers["Location"].removeprefix("/api/v1")).json == answer.json
    assert (answer.json["status"], answer.json["version"]) == ("current", 1)
    assert answer.json["program"]["patient"]["name"] == "Maya Holm"
    assert answer.json["verdict"]["verdict"] == "issuable"
    assert answer.json["issued_by"]["name"] == "Alma Reyes"


def test_the_handout_is_the_one_that_was_issued(therapist, staff, patient_id):
    program = issue(therapist, patient_id).json

    answer = staff.get(f"/programs/{program['id']}/pdf")

    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert hashlib.sha256(answer.data).hexdigest() == program["pdf_sha256"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{program["number"]}-v1.pdf"'


def test_asked_twice_with_one_key_it_is_issued_once(therapist, patient_id):
    first = issue(therapist, patient_id, key="one-and-the-same")
    again = issue(therapist, patient_id, key="one-and-the-same")

    assert first.json == again.json
    assert therapist.get("/programs").json["total"] == 1


def test_a_key_used_for_something_else_is_refused(therapist, patient_id):
    issue(therapist, patient_id, key="one-and-the-same")

    assert issue(therapist, patient_id, key="one-and-the-same", weeks=8).status_code == 422


def test_a_program_without_a_key_is_not_issued(therapist, patient_id):
    answer = therapist.post("/programs", json=a_file(patient_id=patient_id))

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["Idempotency-Key"])


@pytest.mark.parametrize(
    ("changes", "status", "path"),
    [
        ({"items": [{"exercise": "standing-hamstring-stretch", "repetitions": "3"}]}, 422, "items[0].repetitions"),
        ({"patient": {"name": "Somebody Else"}}, 422, "patient"),
        ({"patient_id": 7}, 422, "patient_id"),
        ({"supersedes": 7}, 422, "supersedes"),
        ({"colour": "red"}, 422, "colour"),
    ],
)
def test_a_malformed_program_is_refused_by_path(therapist, patient_id, changes, status, path):
    answer = issue(therapist, patient_id, **changes)

    assert (answer.status_code, list(answer.json["errors"])) == (status, [path])


@pytest.mark.parametrize("body", [b"[]", b"7", b"null", b'{"patient_id": "a", "patient_id": "b"}', b"{"])
def test_a_body_that_is_no_object_is_refused(therapist, body):
    headers = {"Idempotency-Key": a_key()}

    answer = therapist.post("/programs", data=body, content_type="application/json", headers=headers)

    assert answer.status_code in {400, 422}


def test_a_blocked_program_is_not_issued(therapist, patient_id):
    answer = issue(therapist, patient_id, items=[])

    assert (answer.status_code, answer.json["detail"]) == (
        409,
        "This program is blocked. See the findings; no handout was made.",
    )


def test_a_new_version_names_the_one_it_supersedes(therapist, patient_id):
    first = issue(therapist, patient_id).json
    second = issue(therapist, patient_id, supersedes=first["id"]).json

    assert (second["number"], second["version"], second["supersedes_id"]) == (first["number"], 2, first["id"])
    assert therapist.get(f"/programs/{first['id']}").json["status"] == "superseded"
    assert issue(therapist, patient_id, supersedes=first["id"]).status_code == 409


def test_a_withdrawn_program_says_why(therapist, patient_id):
    program = issue(therapist, patient_id).json

    answer = therapist.post(f"/programs/{program['id']}/withdrawal", json={"reason": "Printed for the wrong leg."})

    assert (answer.status_code, answer.json["status"]) == (201, "withdrawn")
    assert answer.json["withdrawal"]["reason"] == "Printed for the wrong leg."
    assert therapist.get("/programs?status=withdrawn").json["total"] == 1


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "short"}, {"reason": 7}, {"reason": "x" * 501}])
def test_a_withdrawal_without_a_reason_is_refused(therapist, patient_id, body):
    program = issue(therapist, patient_id).json

    answer = therapist.post(f"/programs/{program['id']}/withdrawal", json=body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["reason"])


def test_words_find_a_program_and_other_filters_narrow_it(therapist, patient_id):
    program = issue(therapist, patient_id).json

    found = therapist.post("/programs/search", json={"text": f"maya {program['number']}", "status": "current"}).json
    none = therapist.post("/programs/search", json={"text": "maya", "status": "withdrawn"}).json

    assert ([one["id"] for one in found["items"]], none["items"]) == ([program["id"]], [])


@pytest.mark.parametrize(
    "query", ["text=maya", "status=lost", "issued_from=yesterday", "patient_id=1", "issued_by_id=1", "page=0"]
)
def test_a_filter_that_is_none_is_refused_by_name(therapist, query):
    answer = therapist.get(f"/programs?{query}")

    assert (answer.status_code, list(answer.json["errors"])) == (422, [query.split("=")[0]])


def test_staff_never_prescribes(therapist, staff, patient_id):
    program = issue(therapist, patient_id).json

    assert issue(staff, patient_id).status_code == 403
    assert staff.post(f"/programs/{program['id']}/withdrawal", json={"reason": "x" * 20}).status_code == 403
