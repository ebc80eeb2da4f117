"""The check against the oracle: two readings of the same sentences, over more programs than anyone would write."""

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from prescriptions.catalogue import Pack
from prescriptions.check import check
from prescriptions.program_file import read
from tests.prescriptions.oracle import CODES, EXERCISES, expect, may_cite
from tests.prescriptions.oracle_cases import GROUPS, MIXED_BY_A_SEED, MIXES, flags, mixes, unscreened


def disagreements(cases: Iterable[dict[str, Any]], pack: Pack) -> tuple[int, list[tuple[str, str, str]]]:
    """How many cases there were, and where the two differ, smallest first: the case, the answer, the oracle's."""
    count, differing = 0, []
    for count, case in enumerate(cases, 1):  # noqa: B007  the last number is the count
        verdict, expected = check(read(case, pack), pack), expect(case)
        findings = [(f.code, f.severity, f.path, f.acknowledged) for f in verdict.findings]
        if (verdict.verdict, verdict.session_minutes, findings) != expected:
            differing.append(
                (json.dumps(case), f"{verdict.verdict} {verdict.session_minutes} {findings}", str(expected))
            )
        for finding in verdict.findings:
            allowed = may_cite(case, finding.code, finding.path)
            if not set(finding.source) <= allowed or bool(finding.source) != bool(allowed):
                differing.append((json.dumps(case), f"{finding.code} cites {finding.source}", f"may cite {allowed}"))
    return count, sorted(differing, key=lambda three: len(three[0]))


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_combination_within_a_group_is_judged_as_the_sentences_say(group, pack):
    count, differing = disagreements(group(), pack)

    assert differing[:3] == []
    assert count == GROUPS[group]


@pytest.mark.asvs("2.2.3")
@pytest.mark.parametrize("seed", MIXES)
def test_programs_mixed_from_two_groups_are_judged_as_the_sentences_say(seed, pack):
    count, differing = disagreements(mixes(seed, MIXED_BY_A_SEED), pack)

    assert differing[:3] == []
    assert count == MIXED_BY_A_SEED


def test_the_comparison_covers_a_hundred_thousand_programs():
    assert sum(GROUPS.values()) + len(MIXES) * MIXED_BY_A_SEED == 102_447


def test_the_comparison_meets_every_finding_answered_and_open_in_every_verdict(pack):
    met, verdicts = set(), set()
    for case in mixes(0, 2_500):
        verdict = check(read(case, pack), pack)
        met |= {(finding.code, finding.acknowledged) for finding in verdict.findings}
        verdicts |= {(verdict.verdict, finding.severity, finding.acknowledged) for finding in verdict.findings}

    assert {code for code, _ in met} == set(CODES) - {"ballistic-movement"}
    assert {code for code, answered in met if answered} == {c for c, (how, _) in CODES.items() if how != "block"}
    assert ("issuable", "caution", True) in verdicts
    assert ("needs-acknowledgement", "caution", True) in verdicts


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_draft_is_judged_like_an_exercise_that_is_not_there(exercise, pack, monkeypatch):
    cases = [*unscreened(), *islice(flags(), 0, None, 3)]
    monkeypatch.delitem(EXERCISES, exercise)

    _, differing = disagreements(cases, _with(pack, exercise, published=False))

    assert differing[:3] == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_ballistic_exercise_is_judged_as_the_sentences_say(exercise, pack, monkeypatch):
    cases = [*unscreened(), *islice(flags(), 0, None, 3)]
    monkeypatch.setitem(EXERCISES, exercise, EXERCISES[exercise]._replace(movement="ballistic"))

    _, differing = disagreements(cases, _with(pack, exercise, movement="ballistic"))

    assert differing[:3] == []


def _with(pack: Pack, exercise: str, **changes: Any) -> Pack:
    return replace(pack, exercises={**pack.exercises, exercise: replace(pack.exercises[exercise], **changes)})
