"""Figure files that are refused, each with the file, the key and the reason."""

import pytest

from prescriptions.errors import PackError
from prescriptions.figures import draw, sources

POSITION = """
[[positions]]
text = "A person stands. The {leg} leg is in front."
felt = true
trunk = 90
neck = 0
head = 0
pelvis = { near_knee = 8, far_knee = 8 }
near_leg = { on = "floor", x = 0.1, toes = 0 }
far_leg = { on = "floor", x = -0.1, toes = 0 }
near_arm = { shoulder = 10, elbow = 10 }
far_arm = { shoulder = 10, elbow = 10 }
"""
ARROW = 'arrows = [{ follow = "crown", clear = 0.1, longest = 0.3 }]\n'
SOUND = f"""
source = ["standing.steps"]
works = "one leg"
target = {{ thigh = 0.5, calf = 0.5 }}
props = [{{ kind = "floor", x = -0.3, width = 0.6 }}]
{POSITION}{POSITION}
"""


def a_file(folder, *, old="", new=""):
    assert old in SOUND
    path = folder / "stand.toml"
    path.write_text(SOUND.replace(old, new, 1) if old else SOUND)
    return path


def test_a_sound_file_is_drawn_and_cites_its_statements(tmp_path):
    file = a_file(tmp_path)

    assert draw(file, "left").startswith("<svg")
    assert sources(file) == ("standing.steps",)


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("works =", "wroks =", "wroks", "Unknown field"),
        ("neck = 0", "nose = 0", "positions[0].nose", "Unknown field"),
        (POSITION, "", "positions", "Length must be between 2 and 3"),
        ('works = "one leg"', 'works = "one arm"', "works", "one arm is not one of one leg, both legs"),
        ('source = ["standing.steps"]', "source = []", "source", "Shorter than minimum length 1"),
        ("trunk = 90", "trunk = 900", "positions[0].trunk", "900.0 is not between 0 and 180"),
        ("trunk = 90", "trunk = nan", "positions[0].trunk", "Special numeric values"),
        ("felt = true", 'felt = "yes"', "positions[0].felt", "Not a valid boolean"),
        (
            "shoulder = 10, elbow = 10",
            "shoulder = 10",
            "positions[0].near_arm",
            "Needs {shoulder, elbow, wrist} or {on, along}",
        ),
        ('kind = "floor"', 'kind = "sofa"', "props[0].kind", "sofa is not one of floor, mat"),
        ('kind = "floor"', 'kind = "chair"', "props[0]", "A chair needs height, width, x"),
        ("A person stands.", "A {person} stands.", "positions[0].text", "{person}"),
        ("A person stands.", "A person { stands.", "positions[0].text", "{leg} and {other}"),
    ],
)
def test_a_malformed_file_is_refused_with_its_key_and_the_reason(tmp_path, old, new, key, reason):
    file = a_file(tmp_path, old=old, new=new)

    with pytest.raises(PackError) as refused:
        draw(file, "left")

    assert (refused.value.file, refused.value.key) == ("stand.toml", key)
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("x = 0.1", "x = 1.1", "positions[0].pelvis", "cannot stand with the heels"),
        ('near_leg = { on = "floor"', 'near_leg = { on = "step"', "positions[0].near_leg", "has no step"),
        (
            "near_arm = { shoulder = 10, elbow = 10 }",
            'near_arm = { on = "near shin", along = 1 }',
            "positions[0].near_arm",
            "cannot reach",
        ),
        (
            'near_leg = { on = "floor", x = 0.1, toes = 0 }',
            "near_leg = { hip = 10, knee = 8, ankle = 0 }",
            "positions[0].pelvis",
            "each must say where its heel is",
        ),
    ],
)
def test_a_contact_that_no_body_can_make_is_refused(tmp_path, old, new, key, reason):
    file = a_file(tmp_path, old=old, new=new)

    with pytest.raises(PackError) as refused:
        draw(file, "left")

    assert (refused.value.file, refused.value.key) == ("stand.toml", key)
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("positions", "key", "reason"),
    [
        (f"{POSITION}{ARROW}{POSITION}", "positions[0].arrows", "nothing has moved before the first position"),
        (f"{POSITION}{POSITION}{ARROW}", "positions[1].arrows[0].follow", "crown does not move"),
    ],
)
def test_an_arrow_without_a_movement_is_refused(tmp_path, positions, key, reason):
    file = a_file(tmp_path, old=f"{POSITION}{POSITION}", new=positions)

    with pytest.raises(PackError) as refused:
        draw(file, "left")

    assert (refused.value.key, refused.value.reason) == (key, reason)


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path):
    file = tmp_path / "stand.toml"
    file.write_text("= 3")

    with pytest.raises(PackError, match=r"^stand\.toml: "):
        draw(file, "left")


def test_a_file_that_is_missing_is_refused_by_name(tmp_path):
    with pytest.raises(PackError, match=r"^stand\.toml: .*missing"):
        draw(tmp_path / "stand.toml", "left")
