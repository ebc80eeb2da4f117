"""A second pack needs no Python: another region, other ranges, rest between sets, a precaution of its own."""

from pathlib import Path
from typing import Any

import pytest

from prescriptions.catalogue import Pack
from prescriptions.errors import MalformedError
from prescriptions.packs import load_pack
from prescriptions.program_file import dump, read
from tests.prescriptions.builders import ABSENT, a_program, a_screening, a_stretch, verdict_of

WEAK_CALF = Path(__file__).parents[1] / "packs" / "weak-calf"


@pytest.fixture(scope="module")
def calf() -> Pack:
    return load_pack(WEAK_CALF)


def a_raise(**changes: Any) -> dict[str, Any]:
    raises = {"exercise": "calf-raise", "side": "left", "sets": 3, "repetitions": 10, "rest_seconds": 60}
    return {key: value for key, value in (raises | changes).items() if value is not ABSENT}


def codes(data: dict[str, Any], pack: Pack) -> list[str]:
    return [finding.code for finding in verdict_of(data, pack).findings]


def test_a_strengthening_program_with_rest_is_issuable(calf):
    assert verdict_of(a_program(a_raise()), calf).verdict == "issuable"


def test_the_rest_between_sets_has_a_documented_range(calf):
    finding = verdict_of(a_program(a_raise(rest_seconds=91)), calf).findings[0]

    assert (finding.path, finding.message) == (
        "items[0].rest_seconds",
        "Rest is 91 seconds; the source documents 60 to 90.",
    )


def test_a_rest_that_is_missing_is_found(calf):
    assert codes(a_program(a_raise(rest_seconds=ABSENT)), calf) == ["dose-missing"]


def test_the_pack_brings_a_precaution_of_its_own(calf):
    data = a_program(a_raise(), screening=a_screening(persistent=True))

    assert codes(data, calf) == ["loading-with-lasting-pain"]


def test_the_pack_brings_its_own_frequency_and_warm_up(calf):
    data = a_program(a_raise(), sessions_per_week=2, warm_up={"activity": "walking", "minutes": 3})

    assert verdict_of(data, calf).verdict == "issuable"


def test_its_volume_is_counted_in_sets(calf):
    assert codes(a_program(a_raise(sets=2), a_raise(sets=3)), calf) == ["volume-out-of-range"]


def test_the_session_time_counts_rest_between_sets_only(calf):
    data = a_program(a_raise(sets=3, repetitions=10, rest_seconds=60), warm_up=ABSENT)

    assert verdict_of(data, calf).session_minutes == 4  # 3 sets of 10 at 3 s, and two rests of 60 s: 210 s


def test_an_exercise_may_document_a_hold_and_no_repetitions(calf):
    data = a_program(a_raise(exercise="calf-hold", repetitions=ABSENT, hold_seconds=40), warm_up=ABSENT)

    verdict = verdict_of(data, calf)

    assert (verdict.verdict, verdict.session_minutes) == (
        "issuable",
        5,
    )  # 3 holds of 40 + 10 s, two rests of 60 s: 270 s


def test_a_ballistic_entry_is_blocked(calf):
    assert codes(a_program(a_raise(exercise="calf-bounce")), calf) == ["ballistic-movement"]


def test_a_draft_entry_is_not_in_the_catalogue(calf):
    assert codes(a_program(a_raise(exercise="calf-draft")), calf) == ["exercise-unknown"]


def test_the_exercises_of_the_first_pack_are_unknown_to_the_second(calf):
    assert codes(a_program(a_stretch()), calf) == ["exercise-unknown"]


def test_a_rest_is_no_field_where_no_exercise_documents_one(pack):
    with pytest.raises(MalformedError) as refused:
        read(a_program(a_stretch(rest_seconds=60)), pack)

    assert refused.value.errors == {"items[0].rest_seconds": ("There is no such field.",)}


def test_a_program_with_rest_survives_the_way_to_the_file_and_back(calf):
    program = read(a_program(a_raise()), calf)

    assert read(dump(program), calf) == program
