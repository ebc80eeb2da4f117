import json
from typing import Any

import pytest

from prescriptions.errors import MalformedError
from prescriptions.program_file import canonical, dump, parse, read
from tests.prescriptions.builders import (
    ABSENT,
    a_glide,
    a_program,
    a_screening,
    a_stretch,
    the_contract_example,
)

REVIEW = "nerve-symptoms-need-review"


def refusal(data: Any, pack) -> dict[str, tuple[str, ...]]:
    with pytest.raises(MalformedError) as refused:
        read(data, pack)
    return refused.value.errors


MALFORMED = [
    ("format", a_program(format=ABSENT)),
    ("format", a_program(format="holdwell-program/2")),
    ("items", a_program(items=ABSENT)),
    ("items", a_program(items={})),
    ("items", a_program(*[a_stretch()] * 61)),
    ("items[0]", a_program("stretch")),
    ("items[0].exercise", a_program(a_stretch(exercise=ABSENT))),
    ("items[0].exercise", a_program(a_stretch(exercise="x" * 81))),
    ("items[0].exercise", a_program(a_stretch(exercise=7))),
    ("items[0].side", a_program(a_stretch(side="middle"))),
    ("items[0].side", a_program(a_stretch(side=["left"]))),
    ("items[0].load_kg", a_program(a_stretch(load_kg=5))),
    ("items[0].note", a_program(a_stretch(note="x" * 501))),
    ("items[0].note", a_program(a_stretch(note="first\nsecond"))),
    ("items[0].note", a_program(a_stretch(note="hold \u202e03"))),
    ("items[0].note", a_program(a_stretch(note="half \ud800"))),
    ("items[0].note", a_program(a_stretch(note=None))),
    *(
        ("items[0].hold_seconds", a_program(a_stretch(hold_seconds=odd)))
        for odd in (0, 1000, -30, 30.0, "30", True, None, [30])
    ),
    *(("items[1].sets", a_program(a_stretch(), a_glide(sets=odd))) for odd in (0, 1000, 2.5)),
    *(("items[0].sessions_per_week", a_program(a_stretch(sessions_per_week=odd))) for odd in (0, 8)),
    *(("sessions_per_week", a_program(sessions_per_week=odd)) for odd in (0, 8, "4")),
    *(("weeks", a_program(weeks=odd)) for odd in (0, 53)),
    *(("warm_up.minutes", a_program(warm_up={"activity": "walking", "minutes": odd})) for odd in (0, 121)),
    ("warm_up.minutes", a_program(warm_up={"activity": "walking"})),
    ("warm_up.activity", a_program(warm_up={"minutes": 5})),
    ("warm_up.activity", a_program(warm_up={"activity": "swimming", "minutes": 5})),
    ("warm_up", a_program(warm_up=None)),
    ("warm_up", a_program(warm_up=5)),
    ("timing[1]", a_program(timing=["morning", "noon"])),
    ("timing[1]", a_program(timing=["morning", "morning"])),
    ("timing", a_program(timing="morning")),
    *(
        ("starts_on", a_program(starts_on=odd))
        for odd in ("20261123", "2026-02-30", "23.11.2026", "2026-11-23T00:00", "２０２６-11-23", 20261123)
    ),
    ("patient.name", a_program(patient={"name": "x" * 121})),
    ("patient.identifier", a_program(patient={"identifier": "a\u0000b"})),
    ("patient.birth_date", a_program(patient={"birth_date": "1984-3-9"})),
    ("patient.phone", a_program(patient={"phone": "020"})),
    ("patient", a_program(patient=["Sample"])),
    ("screening.date", a_program(screening=a_screening(date=ABSENT))),
    ("screening.legs", a_program(screening=a_screening(legs=ABSENT))),
    ("screening.legs.middle", a_program(screening=a_screening(legs={"middle": {"sensations": []}}))),
    ("screening.legs.left.sensations", a_program(screening=a_screening(legs={"left": {}}))),
    ("screening.legs.left.sensations[0]", a_program(screening=a_screening(legs={"left": {"sensations": ["ache"]}}))),
    ("screening.legs.left.sensations[0]", a_program(screening=a_screening(legs={"left": {"sensations": [["pull"]]}}))),
    ("screening.persistent", a_program(screening=a_screening(persistent=1))),
    ("screening.persistent", a_program(screening=a_screening(persistent="true"))),
    ("screening.causes[1]", a_program(screening=a_screening(causes=["weak_glutes", "weak_glutes"]))),
    ("screening.equipment[0]", a_program(screening=a_screening(equipment=["rope"]))),
    ("acknowledgements[0].code", a_program(acknowledgements=[{"code": "gut-feeling", "reason": "Ten letters"}])),
    ("acknowledgements[0].reason", a_program(acknowledgements=[{"code": REVIEW}])),
    ("acknowledgements[0].reason", a_program(acknowledgements=[{"code": REVIEW, "reason": "x" * 501}])),
    ("acknowledgements", a_program(acknowledgements=[{}] * 61)),
    ("timing", a_program(timing=["morning"] * 5)),
    ("comment", a_program(comment="hello")),
    ("_schema", a_program(_schema=1)),
    ("''", a_program(**{"": 1})),
    ("'items[0].side'", a_program(**{"items[0].side": 1})),
    ("items[0]._schema", a_program(a_stretch(_schema=1))),
    ("file", []),
    ("file", "text"),
    ("file", None),
]


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize(("path", "data"), MALFORMED)
def test_what_is_malformed_is_refused_by_its_path(path, data, pack):
    assert list(refusal(data, pack)) == [path]


def test_every_problem_is_named_at_once(pack):
    data = a_program(a_stretch(hold_seconds="30", side="up"), a_glide(sets=None), weeks=0, format=ABSENT)

    assert set(refusal(data, pack)) == {
        "items[0].hold_seconds",
        "items[0].side",
        "items[1].sets",
        "weeks",
        "format",
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (a_program(weeks=None), "Must not be null: leave the key out."),
        (a_program(items=ABSENT), "Is missing."),
        (a_program(items=5), "Must be a list."),
        (a_program(warm_up=5), "Must be an object."),
        (a_program(warm_up=None), "Must not be null: leave the key out."),
        (a_program(screening=a_screening(date=ABSENT)), "Is missing."),
    ],
)
def test_each_problem_is_told_in_words_a_clinician_knows(data, message, pack):
    assert list(refusal(data, pack).values()) == [(message,)]


def test_the_error_reads_as_a_sentence(pack):
    with pytest.raises(MalformedError, match=r"malformed\. weeks: Must be a whole number from 1 to 52\."):
        read(a_program(weeks=99), pack)


ACCEPTED = [
    {"format": "holdwell-program/1", "items": []},
    a_program(*[a_stretch()] * 60),
    a_program(a_stretch(exercise="x" * 80, note="x" * 500)),
    a_program(a_stretch(hold_seconds=999, repetitions=1)),
    a_program(patient={}),
    a_program(patient={"name": "Zoë Müller-Ångström", "birth_date": "2024-02-29"}),
    a_program(screening=a_screening(legs={})),
    a_program(sessions_per_week=7, weeks=52, warm_up={"activity": "light_cardio", "minutes": 120}),
    the_contract_example(),
]


@pytest.mark.parametrize("data", ACCEPTED)
def test_a_program_survives_the_way_to_the_file_and_back(data, pack):
    program = read(data, pack)

    assert read(dump(program), pack) == program
    assert parse(canonical(program), pack) == program


def test_nothing_the_clinician_gave_is_dropped(pack):
    data = the_contract_example()
    data["items"][0]["sessions_per_week"] = 5

    dumped = dump(read(data, pack))

    data["screening"].pop("lower_back_sensitive")  # false is what absent means
    data["screening"].pop("persistent")
    assert dumped == data


def test_the_order_of_keys_does_not_change_the_stored_text(pack):
    data = the_contract_example()
    turned = dict(reversed(data.items()))

    assert canonical(read(data, pack)) == canonical(read(turned, pack))


TEXTS = [
    (b'{"format": "holdwell-program/1", "items": [], "items": []}', {"items"}),
    (b'{"format": "holdwell-program/1", "items": [{"exercise": "a", "exercise": "b"}]}', {"items[0].exercise"}),
    (b'{"format": "holdwell-program/1", "items": [], "weeks": NaN}', {"weeks"}),
    (b'{"format": "holdwell-program/1", "items": [], "weeks": Infinity}', {"weeks"}),
    (b'{"format": "holdwell-program/1", "items": [], "weeks": 1e2}', {"weeks"}),
    (b'{"format": "holdwell-program/1", "items": [], "weeks": %s}' % (b"9" * 5000), {"file"}),
    (b'{"format": "holdwell-program/1", "items": [], "note": "\\ud800"}', {"note"}),
    (b'{"format": "holdwell-program/1", "items": %s%s}' % (b"[" * 21, b"]" * 21), {"items[0]", "file"}),
    (b"[" * 100_000, {"file"}),
    (b"", {"file"}),
    (b"not json", {"file"}),
    (b'\xff\xfe{"a": 1}', {"file"}),
    (b'{"format": "holdwell-program/1", "items": [%s]}' % (b" " * 256 * 1024), {"file"}),
]


@pytest.mark.parametrize(("text", "paths"), TEXTS)
def test_a_text_that_is_no_program_file_is_refused(text, paths, pack):
    with pytest.raises(MalformedError) as refused:
        parse(text, pack)

    assert set(refused.value.errors) == paths


HOSTILE = [
    (b"x" + b".a" * 100_000 + b" = 1", True, "file"),
    (b"[x" + b' . "a"' * 40_000 + b"]", True, "file"),
    (b'{"format": "holdwell-program/1", "items": [' + b",".join([b"{}"] * 80_000) + b"]}", False, "items"),
    (
        b'{"format": "holdwell-program/1", "items": [], "timing": [' + b",".join([b'"morning"'] * 26_000) + b"]}",
        False,
        "timing",
    ),
]


@pytest.mark.parametrize(("text", "toml", "path"), HOSTILE, ids=["dotted", "dotted-table", "items", "choices"])
def test_a_hostile_file_is_refused_as_a_whole_and_not_part_by_part(text, toml, path, pack):
    with pytest.raises(MalformedError) as refused:
        parse(text, pack, toml=toml)

    assert list(refused.value.errors) == [path]


def test_a_file_of_exactly_the_largest_size_is_read(pack):
    text = json.dumps(a_program())
    padded = text + " " * (256 * 1024 - len(text))

    assert parse(padded, pack) == read(a_program(), pack)


def test_a_strange_key_is_shown_legibly(pack):
    data = a_program(**{"we\u202eird": 1, "x" * 500: 2})

    assert {len(path) <= 80 and path.isprintable() for path in refusal(data, pack)} == {True}


def test_toml_says_the_same_as_json(pack):
    toml = """
        format = "holdwell-program/1"
        sessions_per_week = 4
        starts_on = 2026-11-23
        warm_up = { activity = "walking", minutes = 5 }
        [[items]]
        exercise = "supine-hamstring-stretch-strap"
        side = "left"
        repetitions = 3
        hold_seconds = 30
        [screening]
        date = "2026-11-20"
        equipment = ["strap", "chair"]
        legs.left.sensations = ["pull"]
        legs.right.sensations = ["tension"]
    """

    assert parse(toml, pack, toml=True) == read(a_program(starts_on="2026-11-23"), pack)


@pytest.mark.parametrize("odd", ["starts_on = 2026-11-23T10:00:00", "weeks = 6.0", "weeks = nan", "weeks ="])
def test_toml_is_held_to_the_same_shape(odd, pack):
    with pytest.raises(MalformedError):
        parse(f'format = "holdwell-program/1"\nitems = []\n{odd}', pack, toml=True)
