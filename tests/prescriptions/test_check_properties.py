"""What must hold for every program, tried on thousands that nobody thought of."""

import copy
import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from prescriptions.check import check
from prescriptions.packs import HAMSTRING, load_pack
from prescriptions.program_file import canonical, parse, read
from prescriptions.screening import CAUSES, EQUIPMENT, MUSCLE_SENSATIONS, NERVE_SENSATIONS
from tests.prescriptions.builders import GLIDE, LONG_SIT, STANDING, SUPINE, the_contract_example

PACK = load_pack(HAMSTRING)
WORSE = {"issuable": 0, "needs-acknowledgement": 1, "blocked": 2}


def some_of(choices):
    return st.lists(st.sampled_from(sorted(choices)), unique=True, max_size=4)


def a_leg():
    return st.fixed_dictionaries({"sensations": some_of(MUSCLE_SENSATIONS + NERVE_SENSATIONS)})


SCREENINGS = st.fixed_dictionaries(
    {"date": st.just("2026-11-20"), "legs": st.fixed_dictionaries({}, optional={"left": a_leg(), "right": a_leg()})},
    optional={
        "lower_back_sensitive": st.booleans(),
        "persistent": st.booleans(),
        "causes": some_of(CAUSES),
        "equipment": some_of(EQUIPMENT),
    },
)
ITEMS = st.fixed_dictionaries(
    {"exercise": st.sampled_from([SUPINE, LONG_SIT, STANDING, GLIDE, "cartwheel"])},
    optional={
        "side": st.sampled_from(["left", "right", "both"]),
        "sets": st.integers(1, 5),
        "repetitions": st.sampled_from([1, 2, 3, 4, 9, 10, 15, 16]),
        "hold_seconds": st.sampled_from([19, 20, 30, 31]),
        "sessions_per_week": st.integers(1, 7),
    },
)
ACKNOWLEDGEMENTS = st.lists(
    st.fixed_dictionaries(
        {"code": st.sampled_from(PACK.codes), "reason": st.sampled_from(["", "too short", "Examined today, all well."])}
    ),
    max_size=4,
)
PROGRAMS = st.fixed_dictionaries(
    {"format": st.just("holdwell-program/1"), "items": st.lists(ITEMS, max_size=5)},
    optional={
        "screening": SCREENINGS,
        "warm_up": st.fixed_dictionaries({"activity": st.just("walking"), "minutes": st.integers(3, 12)}),
        "sessions_per_week": st.integers(1, 7),
        "acknowledgements": ACKNOWLEDGEMENTS,
    },
)


def verdict_of(data):
    return check(read(data, PACK), PACK)


def codes_of(data):
    return {(finding.code, finding.acknowledged) for finding in verdict_of(data).findings}


@given(PROGRAMS, st.sampled_from(["left", "right"]), st.sampled_from(NERVE_SENSATIONS))
def test_a_nerve_symptom_never_lifts_what_was_found_for_other_reasons(data, leg, sensation):
    """All but the glide's own caution, which a nerve symptom answers."""
    worse = copy.deepcopy(data)
    felt = worse.get("screening", {"legs": {}})["legs"].get(leg, {"sensations": [sensation]})["sensations"]
    felt.extend([sensation] if sensation not in felt else [])

    before = {finding.code for finding in verdict_of(data).findings if finding.severity == "block"}
    after = {finding.code for finding in verdict_of(worse).findings if finding.severity == "block"}

    assert before <= after


@given(PROGRAMS, st.sampled_from(["persistent", "lower_back_sensitive"]))
def test_a_more_severe_screening_never_lowers_the_verdict(data, flag):
    worse = copy.deepcopy(data)
    if "screening" in worse:
        worse["screening"][flag] = True

    assert WORSE[verdict_of(worse).verdict] >= WORSE[verdict_of(data).verdict]


@given(PROGRAMS, st.sampled_from(["left", "right"]), st.sampled_from(NERVE_SENSATIONS))
def test_a_nerve_symptom_never_lowers_the_verdict_of_a_program_of_stretches(data, leg, sensation):
    data["items"] = [item for item in data["items"] if item["exercise"] != GLIDE]
    worse = copy.deepcopy(data)
    if leg in worse.get("screening", {"legs": {}})["legs"]:
        felt = worse["screening"]["legs"][leg]["sensations"]
        felt.extend([sensation] if sensation not in felt else [])

    assert WORSE[verdict_of(worse).verdict] >= WORSE[verdict_of(data).verdict]


@given(PROGRAMS, st.randoms(use_true_random=False))
def test_the_order_of_items_never_changes_what_is_found(data, random):
    shuffled = copy.deepcopy(data)
    random.shuffle(shuffled["items"])

    assert codes_of(shuffled) == codes_of(data)


@given(PROGRAMS, st.sampled_from(["screening", "left", "right"]))
def test_an_unknown_is_never_read_as_safe(data, what):
    """Taking an answer away leaves every item that it was about held up."""
    unknown = copy.deepcopy(data)
    if what == "screening":
        unknown.pop("screening", None)
        reached = bool(unknown["items"])
    else:
        unknown.get("screening", {"legs": {}})["legs"].pop(what, None)
        known = [item for item in unknown["items"] if item["exercise"] != "cartwheel"]
        reached = any(item["exercise"] == LONG_SIT or item.get("side") in {what, "both"} for item in known)

    if reached:
        assert verdict_of(unknown).verdict == "blocked"


@given(PROGRAMS)
def test_a_block_is_never_acknowledged_and_always_holds_up(data):
    verdict = verdict_of(data)

    blocks = [finding for finding in verdict.findings if finding.severity == "block"]

    assert not any(finding.acknowledged for finding in blocks)
    assert (verdict.verdict == "blocked") is bool(blocks)


@given(PROGRAMS)
def test_every_finding_cites_only_statements_of_the_source(data):
    cited = {statement for finding in verdict_of(data).findings for statement in finding.source}

    assert cited <= set(PACK.statements)


@given(PROGRAMS)
def test_the_verdict_survives_the_way_to_the_file_and_back(data):
    program = read(data, PACK)

    assert check(parse(canonical(program), PACK), PACK) == check(program, PACK)


def test_the_same_program_gives_the_same_bytes_in_every_process(tmp_path):
    path = tmp_path / "program.json"
    path.write_text(json.dumps(the_contract_example()))
    root = Path(__file__).parents[2]

    outputs = {
        subprocess.run(  # noqa: S603  our own program on our own file
            [sys.executable, "-m", "prescriptions.cli", "check", str(path), "--json"],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"), ("42", "America/Lima"))
    }

    assert len(outputs) == 1
