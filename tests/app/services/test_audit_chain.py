"""The chain by itself: what a code vouches for, and where a trail that was altered stops being the trail."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.services.audit_chain import BEGINNING, FIELDS, START, Fault, Link, closed, mac, text, verify

KEYS = {1: b"one" * 11, 2: b"two" * 11}
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def a_row(n, **changes):
    row = dict.fromkeys(FIELDS) | {
        "id": f"event-{n}",
        "clinic_id": "riverside",
        "n": n,
        "at": AT + timedelta(seconds=n),
        "action": "patient.viewed",
        "outcome": "done",
        "actor_id": "alma",
        "actor_roles": "therapist",
        "key_number": 1,
    }
    return row | changes


def a_trail(length, *, after=BEGINNING, **changes):
    rows, link = [], after
    for n in range(after.n + 1, after.n + length + 1):
        row = a_row(n, **changes)
        row["mac"] = mac(KEYS[row["key_number"]], link.mac, text(row))
        rows.append(row)
        link = Link(n, row["mac"])
    return rows


def end_of(rows):
    return Link(rows[-1]["n"], rows[-1]["mac"])


def followed(rows, pins=(), after=BEGINNING):
    return verify(iter(rows), key_of=KEYS.__getitem__, pins=dict(pins), after=after)


def test_a_code_can_be_made_again_by_anybody_with_the_key():
    row = a_trail(1)[0]
    told = '{"id":"event-1","clinic_id":"riverside","n":1,"at":"2026-11-23T08:00:01.000000+00:00",'
    told += '"action":"patient.viewed","outcome":"done","detail":null,"actor_id":"alma","actor_roles":"therapist",'
    told += '"object_id":null,"patient_id":null,"request_id":null,"ip":null,"agent_sha256":null,"pack_version":null,'
    told += '"key_number":1}'

    assert row["mac"] == hmac.new(KEYS[1], f"{START}{told}".encode(), hashlib.sha256).hexdigest()


def test_one_instant_is_one_text_in_every_time_zone():
    elsewhere = (AT + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=5)))

    assert text(a_row(1, at=elsewhere)) == text(a_row(1))


def test_a_trail_that_is_as_it_was_written_is_followed_to_its_end():
    rows = a_trail(5)

    assert followed(rows).fault is None
    assert closed(followed(rows), end_of(rows), {}) is None


def test_a_trail_is_followed_over_a_new_key():
    rows = a_trail(2)
    rows += a_trail(2, after=end_of(rows), key_number=2)

    assert followed(rows).fault is None


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in {"n", "key_number"}])
def test_every_field_of_a_row_is_vouched_for(name):
    rows = a_trail(3)
    rows[1][name] = AT if name == "at" else "another"

    assert followed(rows).fault == Fault(2, "was altered")


def test_a_code_itself_can_not_be_altered():
    rows = a_trail(3)
    rows[1]["mac"] = START

    assert followed(rows).fault == Fault(2, "was altered")


def test_a_missing_row_is_named():
    rows = a_trail(4)
    del rows[1]

    assert followed(rows).fault == Fault(2, "is missing")


def test_a_row_that_is_there_twice_is_named():
    rows = a_trail(3)

    assert followed([*rows[:2], rows[1], rows[2]]).fault == Fault(2, "is out of its place")


def test_a_row_from_before_the_first_is_named():
    assert followed([a_row(0, mac=START), *a_trail(2)]).fault == Fault(0, "is out of its place")


def test_a_key_that_is_lost_is_named():
    assert followed([a_row(1, key_number=7, mac=START)]).fault == Fault(
        1, "names the audit key 7, which is not in the key file"
    )


def test_rows_that_were_cut_off_are_missing_when_the_end_or_the_anchor_knows_more():
    rows = a_trail(4)
    known = {4: rows[3]["mac"]}
    shorter = followed(rows[:2], known)

    assert closed(shorter, end_of(rows), {}) == Fault(3, "is missing")
    assert closed(shorter, end_of(rows[:2]), known) == Fault(3, "is missing")


def test_an_end_that_was_set_back_is_found():
    rows = a_trail(4)

    assert closed(followed(rows), end_of(rows[:2]), {}) == Fault(3, "lies beyond the end of the trail")


def test_an_end_with_another_code_is_found():
    rows = a_trail(2)

    assert closed(followed(rows), Link(2, START), {}) == Fault(2, "is not the one that the end of the trail knows")


def test_a_trail_that_was_written_anew_with_the_key_is_found_by_the_anchor():
    rows, others = a_trail(4), a_trail(4, actor_id="somebody")

    assert followed(others, {3: rows[2]["mac"]}).fault == Fault(3, "is not the one that the anchor knows")


def test_a_part_of_a_trail_is_followed_from_a_row_that_is_trusted():
    rows = a_trail(5)

    assert followed(rows[2:], after=end_of(rows[:2])).link == end_of(rows)


def old_rows(number):
    rows = [a_row(n, key_number=0, mac="", actor_id="Ö") for n in range(1, number + 1)]
    texts = [
        json.dumps(
            [n, f"2026-11-23T08:00:0{n}.000000+00:00", "patient.viewed", "Ö", "therapist", None, None],
            separators=(",", ":"),
        )
        for n in range(1, number + 1)
    ]
    return rows, Link(number, hashlib.sha256("\n".join(texts).encode()).hexdigest())


def test_rows_from_before_the_chain_are_vouched_for_by_their_hash():
    rows, end = old_rows(3)
    rows += a_trail(2, after=end)

    assert closed(followed(rows), end_of(rows), {}) is None


def test_an_old_row_that_was_altered_breaks_the_chain_where_it_begins():
    rows, end = old_rows(3)
    rows += a_trail(2, after=end)
    rows[1]["actor_id"] = "another"

    assert followed(rows).fault == Fault(4, "was altered")


def test_an_old_row_can_not_say_what_nobody_knew_then():
    rows, _ = old_rows(3)
    rows[1]["ip"] = "192.0.2.1"

    assert followed(rows).fault == Fault(2, "says more than rows of its time could")


def test_no_old_row_comes_after_the_chain_has_begun():
    rows = a_trail(1)
    rows.append(a_row(2, key_number=0, mac=""))

    assert followed(rows).fault == Fault(2, "names the audit key 0, which is not in the key file")
