from typing import Any

import pytest

from tests.prescriptions.builders import (
    ABSENT,
    GLIDE,
    a_glide,
    a_long_sit,
    a_program,
    a_screening,
    a_stretch,
    screened,
    the_contract_example,
    verdict_of,
)

TINGLING, PULL = ["tingling"], ["pull"]


def test_the_contract_example_is_issuable_in_nine_minutes(pack):
    verdict = verdict_of(the_contract_example(), pack)

    assert (verdict.verdict, verdict.session_minutes) == ("issuable", 9)


@pytest.mark.parametrize(
    ("items", "changes", "minutes"),
    [
        ([a_stretch()], {}, 7),
        ([a_stretch(side="both")], {}, 9),
        ([a_long_sit()], {}, 7),
        ([a_long_sit(side="both")], {}, 7),
        ([a_glide(sets=2, repetitions=15)], {"warm_up": ABSENT}, 2),
        ([a_glide(sets=3, repetitions=15, side="both")], {}, 11),
        ([a_stretch(hold_seconds=15)], {"warm_up": ABSENT}, 1),
        ([a_stretch(sets=2)], {}, 7),
        ([], {}, 5),
        ([a_stretch(hold_seconds=ABSENT)], {}, None),
        ([a_stretch(side=ABSENT)], {}, None),
        ([a_stretch(), a_stretch(exercise="cartwheel")], {}, None),
        ([a_stretch()], {"sessions_per_week": ABSENT}, 7),
    ],
)
def test_the_session_time_adds_up_and_stays_open_while_a_dose_is(items, changes, minutes, pack):
    assert verdict_of(a_program(items=items, **changes), pack).session_minutes == minutes


REASON = "Examined today; no red flags."


def answered(code: str, reason: str) -> dict[str, Any]:
    return a_program(screening=a_screening(persistent=True), acknowledgements=[{"code": code, "reason": reason}])


@pytest.mark.parametrize(
    ("code", "reason", "verdict"),
    [
        ("persistent-needs-review", REASON, "issuable"),
        ("persistent-needs-review", "0123456789", "issuable"),
        ("persistent-needs-review", "012345678", "needs-acknowledgement"),
        ("persistent-needs-review", "  012345678  ", "needs-acknowledgement"),
        ("nerve-symptoms-need-review", REASON, "needs-acknowledgement"),
    ],
)
def test_a_caution_is_answered_by_a_reason_of_ten_characters(code, reason, verdict, pack):
    assert verdict_of(answered(code, reason), pack).verdict == verdict


def test_one_reason_answers_every_finding_of_its_code(pack):
    data = a_program(
        a_stretch(sessions_per_week=6),
        a_glide(sessions_per_week=7),
        screening=screened(PULL, []),
        acknowledgements=[{"code": "frequency-above-usual", "reason": REASON}],
    )

    answers = [
        finding.acknowledged for finding in verdict_of(data, pack).findings if finding.code == "frequency-above-usual"
    ]

    assert answers == [True, True]


def test_a_block_cannot_be_acknowledged(pack):
    code = "static-stretch-with-nerve-symptoms"
    data = a_program(screening=screened(TINGLING), acknowledgements=[{"code": code, "reason": REASON}])

    verdict = verdict_of(data, pack)

    assert verdict.verdict == "blocked"
    assert [finding.acknowledged for finding in verdict.findings if finding.code == code] == [False]


def test_advice_holds_nothing_up(pack):
    data = a_program(screening=a_screening(causes=["weak_glutes", "prolonged_sitting"]))

    assert verdict_of(data, pack).verdict == "issuable"


def test_findings_are_sorted_by_severity_then_natural_path_then_code(pack):
    wrong = a_stretch(exercise=GLIDE, side="both", sets=1, repetitions=9, sessions_per_week=6)
    data = a_program(*[wrong] * 11, screening=screened([], [], causes=["weak_glutes"], equipment=[]))

    findings = verdict_of(data, pack).findings

    assert [finding.severity for finding in findings] == sorted(
        (finding.severity for finding in findings), key=["block", "caution", "advice"].index
    )
    blocks = [finding.path for finding in findings if finding.severity == "block"]
    assert blocks.index("items[2].sets") < blocks.index("items[10].sets")
    assert [finding.code for finding in findings if finding.path == "items[3]"] == [
        "equipment-unavailable",
        "glide-without-nerve-symptoms",
    ]
