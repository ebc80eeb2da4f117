from typing import Any

import pytest

from tests.prescriptions.builders import (
    ABSENT,
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
        ([a_stretch(repetitions=1, hold_seconds=1)], {"warm_up": {"activity": "walking", "minutes": 10}}, 11),
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
    fine, wrong = a_glide(sets=2), a_glide(side=ABSENT, sets=1)
    later = a_glide(sets=1)
    data = a_program(wrong, *[fine] * 9, later, screening=screened(["pull"], [], causes=["weak_glutes"], equipment=[]))

    findings = [(finding.severity, finding.path, finding.code) for finding in verdict_of(data, pack).findings]

    cautions = ("equipment-unavailable", "glide-without-nerve-symptoms")
    assert findings == [
        ("block", "items[0].sets", "dose-out-of-range"),
        ("block", "items[0].side", "side-missing"),
        ("block", "items[10]", "volume-out-of-range"),
        ("block", "items[10].sets", "dose-out-of-range"),
        ("caution", "items[0]", "equipment-unavailable"),
        *(("caution", f"items[{index}]", code) for index in range(1, 11) for code in cautions),
        ("advice", "screening.causes[0]", "root-cause"),
    ]


def test_the_verdict_names_the_catalogue_it_was_made_with(pack):
    answer = verdict_of(a_program(), pack).to_dict()

    assert answer == {
        "verdict": "issuable",
        "catalogue": {"pack": "hamstring-behind-the-knee", "version": "1.0.0", "digest": pack.digest},
        "session_minutes": 7,
        "findings": [],
    }


def test_the_verdict_carries_its_findings_as_values(pack):
    answer = verdict_of(a_program(items=[]), pack).to_dict()

    assert answer["findings"] == [
        {
            "code": "program-empty",
            "severity": "block",
            "path": "items",
            "message": "The program has no exercises.",
            "source": [],
            "acknowledged": False,
        }
    ]
