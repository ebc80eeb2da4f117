import json
from dataclasses import replace

import pytest

from prescriptions import handout_file
from prescriptions.brand import UNBRANDED
from prescriptions.errors import MalformedError
from tests.prescriptions.builders import ABSENT, a_glide
from tests.prescriptions.builders_paper import THE_FOUR, a_handout, a_large_handout


@pytest.mark.parametrize(
    "handout",
    [
        pytest.param(a_handout(), id="one exercise"),
        pytest.param(a_handout(*THE_FOUR), id="four exercises"),
        pytest.param(a_large_handout("letter"), id="as long as can be"),
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


def test_a_handout_from_before_the_program_file_went_with_it_is_read():
    handout = a_handout()
    data = json.loads(json.dumps(handout_file.to_dict(handout)))
    del data["program_file"]

    found = handout_file.from_dict(data | {"format": "holdwell-handout/1"})

    assert found == replace(handout, program_file="")
