"""POST /check: the verdict of the contract, or every problem by path."""

import pytest

from app.models import AuditEvent
from app.services.catalogue import pack
from prescriptions import program_file
from prescriptions.check import check
from tests.builders import a_file, a_screening_document
from tests.records import count


def test_the_verdict_is_the_one_of_the_command_line(therapist):
    file = a_file(screening=a_screening_document())

    answer = therapist.post("/check", json=file)

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == check(program_file.read(file, pack()), pack()).to_dict()


def test_a_blocked_program_is_an_ordinary_answer(therapist):
    answer = therapist.post("/check", json=a_file(items=[]))

    assert (answer.status_code, answer.json["verdict"]) == (200, "blocked")


def test_every_problem_of_a_malformed_file_is_named_by_path(therapist):
    items = [{"exercise": "standing-hamstring-stretch", "hold_seconds": "30"}, {"side": "up"}]

    answer = therapist.post("/check", json={"format": "holdwell-program/1", "items": items, "colour": "red"})

    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert set(answer.json["errors"]) == {"items[0].hold_seconds", "items[1].exercise", "items[1].side", "colour"}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"items": [], "items": []}', b"null"],
)
def test_what_is_no_program_file_is_malformed(therapist, body):
    answer = therapist.post("/check", data=body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json["errors"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_only_json_is_read(therapist, kind):
    answer = therapist.post("/check", data=b"{}", content_type=kind)

    assert (answer.status_code, answer.content_type) == (415, "application/problem+json")


def test_a_check_leaves_nothing_behind(app, therapist):
    def events():
        return count(app, AuditEvent)

    before = events()
    therapist.post("/check", json=a_file())

    assert events() == before


def test_staff_may_check_too(staff):
    assert staff.post("/check", json=a_file()).status_code == 200
