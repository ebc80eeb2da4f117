import json
from pathlib import Path

import pytest

from prescriptions import handout_file
from prescriptions.brand import UNBRANDED
from prescriptions.errors import MalformedError
from tests.prescriptions.builders import ABSENT, a_glide
from tests.prescriptions.builders_paper import THE_FOUR, a_full_handout, a_handout, a_large_handout, pages, printed


@pytest.mark.parametrize(
    "handout",
    [
        pytest.param(a_handout(), id="one exercise"),
        pytest.param(a_handout(*THE_FOUR), id="four exercises"),
        pytest.param(a_large_handout("letter"), id="as long as can be"),
        pytest.param(a_full_handout(layout="cards", monochrome=True), id="with all that a clinic can set"),
        pytest.param(a_handout(a_glide(), warm_up=ABSENT, patient=ABSENT, brand=UNBRANDED), id="as little as can be"),
    ],
)
def test_a_stored_handout_comes_back_exactly(handout):
    stored = json.dumps(handout_file.to_dict(handout))

    assert handout_file.from_dict(json.loads(stored)) == handout


def changed(path, value):
    data = json.loads(json.dumps(handout_file.to_dict(a_handout())))
    *above, last = path
    place = data
    for step in above:
        place = place[step]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (["format"], "holdwell-handout/0", "format"),
        (["format"], ABSENT, "format"),
        (["version"], "2", "handout.version"),
        (["version"], True, "handout.version"),
        (["monochrome"], 1, "handout.monochrome"),
        (["changes"], ABSENT, "handout"),
        (["title"], None, "handout.title"),
        (["stop"], "Stop", "handout.stop"),
        (["stop", 0], "Stop", "handout.stop[0]"),
        (["stop", 0, "text"], 5, "handout.stop[0].text"),
        (["diary", "weeks"], ABSENT, "handout.diary"),
        (["extra"], "x", "handout"),
    ],
)
def test_what_is_not_a_stored_handout_is_refused_by_its_path(path, value, where):
    data = changed(path, value)

    with pytest.raises(MalformedError) as refused:
        handout_file.from_dict(data)

    assert list(refused.value.errors) == [where]


STORED = Path(__file__).parent / "stored" / "handout-1.json"
"""As it was written before there were layouts."""


def test_a_handout_that_was_stored_before_is_still_read_whole():
    stored = json.loads(STORED.read_text(encoding="utf-8"))

    handout = handout_file.from_dict(stored)

    written = handout_file.to_dict(handout)
    assert {name: written[name] for name in stored if name != "format"} == {
        name: value for name, value in stored.items() if name != "format"
    }
    assert (handout.layout, handout.monochrome, handout.changes) == ("standard", False, ())
    assert handout.program_file == ""


def test_a_handout_that_was_stored_before_can_still_be_printed():
    handout = handout_file.from_dict(json.loads(STORED.read_text(encoding="utf-8")))

    found = pages(printed(handout))

    assert all("Program HW-7F3K2Q9P, version 2" in page and "Sample Patient" in page for page in found)
    assert "Slow and easy." in " ".join(found)


def test_what_came_later_may_not_be_missing_in_a_handout_of_today():
    data = json.loads(STORED.read_text(encoding="utf-8")) | {"format": handout_file.FORMAT}

    with pytest.raises(MalformedError):
        handout_file.from_dict(data)
