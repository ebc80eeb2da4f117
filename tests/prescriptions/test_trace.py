import dataclasses

import pytest

from prescriptions.trace import trace

SOURCE = {
    "anat": ["1", "2", "3", "4", "5"],
    "cause": ["1", "2", "3", "4"],
    "prin": ["1", "2", "3", "4", "5", "6"],
    "supine": ["purpose", "steps", "target", "dose"],
    "longsit": ["purpose", "steps", "target", "dose"],
    "standing": ["purpose", "steps", "target", "dose"],
    "glide": ["indication", "steps", "target", "dose", "no-hold"],
    "prec": ["1", "2", "3", "4", "5"],
    "rout": ["1", "2", "3"],
    "faq": ["1", "2", "3", "4", "5"],
}


@pytest.mark.asvs("2.1.2")
def test_no_statement_of_the_source_is_lost(pack):
    expected = [f"{section}.{name}" for section, names in SOURCE.items() for name in names]

    traces = trace(pack)

    assert [one.statement for one in traces] == expected
    assert [one.statement for one in traces if one.lost or not one.citations] == []


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("supine.dose", "dose"),
        ("supine.dose", "side"),
        ("glide.no-hold", "dose"),
        ("supine.purpose", "rule"),
        ("prin.3", "screening"),
        ("prin.3", "rule"),
        ("rout.3", "timing"),
        ("faq.2", "table"),
        ("anat.4", "note"),
        ("standing.steps", "picture"),
        ("glide.steps", "equipment"),
    ],
)
def test_a_statement_is_kept_as_what_it_is(statement, kind, pack):
    kept = {citation.kind for one in trace(pack) if one.statement == statement for citation in one.citations}

    assert kind in kept


def test_the_remark_that_anatomists_dispute_never_reaches_the_patient(pack):
    kinds = {citation.kind for one in trace(pack) if one.statement == "anat.4" for citation in one.citations}

    assert kinds == {"note"}


def test_a_statement_without_a_place_is_lost(pack):
    statement = dataclasses.replace(pack.statements["prin.6"], kept_as=("dose", "text"))
    changed = dataclasses.replace(pack, statements=pack.statements | {"prin.6": statement})

    assert [(one.statement, one.lost) for one in trace(changed) if one.lost] == [("prin.6", ("dose",))]
