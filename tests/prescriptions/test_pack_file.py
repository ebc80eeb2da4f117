import re
import shutil
from pathlib import Path

import pytest

from prescriptions.errors import PackError
from prescriptions.packs import HAMSTRING, load_pack

SUPINE = "exercises/supine-hamstring-stretch-strap.toml"


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(HAMSTRING, tmp_path / "pack"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


REFUSED = [
    # what is wrong, file, before, after, what the refusal must name
    ("an unknown statement", SUPINE, '"supine.purpose"', '"supine.porpoise"', ("purpose", "supine.porpoise")),
    ("an unused statement", "education.toml", '"anat.4", ', "", ("statements.toml", "anat.4")),
    (
        "a doubled statement",
        "statements.toml",
        'id = "anat.2"',
        'id = "anat.1"',
        ("statement", "'anat.1' stands 2 times"),
    ),
    ("a range upside down", SUPINE, "low = 20", "low = 40", ("doses.hold_seconds", "low 40, high 30")),
    ("a default outside the range", SUPINE, "default = 30", "default = 31", ("doses.hold_seconds.default", "31")),
    ("a warm-up upside down", "pack.toml", "low = 5", "low = 11", ("warm_up_minutes", "low 11, high 10")),
    ("an unknown condition", "precautions.toml", '"no-items"', '"no-itmes"', ("rule[0].condition", "no-itmes")),
    (
        "an unknown key",
        SUPINE,
        "per_leg = true",
        "per_leg = true\nper_arm = true",
        ("per_arm", "Unknown field", "True"),
    ),
    ("an unknown key deep down", SUPINE, "low = 20", "low = 20\nlowest = 1", ("doses.hold_seconds.lowest", "1")),
    ("an unknown dose parameter", SUPINE, "[doses.hold_seconds]", "[doses.hold_minutes]", ("doses.hold_minutes",)),
    ("a fraction", SUPINE, "low = 20", "low = 20.0", ("doses.hold_seconds.low", "20.0")),
    ("a word for a number", SUPINE, "low = 20", 'low = "20"', ("doses.hold_seconds.low", "'20'")),
    ("an unknown kind", SUPINE, '"static-stretch"', '"yoga"', ("kind", "'yoga'")),
    ("unknown equipment", SUPINE, '"towel"', '"rope"', ("needs[0].any_of[1]", "'rope'")),
    ("an id that is not the file's", SUPINE, 'id = "supine', 'id = "prone', ("id", "'prone-hamstring-stretch-strap'")),
    (
        "a doubled exercise",
        "exercises/standing-hamstring-stretch.toml",
        'id = "standing-hamstring-stretch"',
        'id = "seated-sciatic-nerve-glide"',
        ("id", "'seated-sciatic-nerve-glide' is already taken"),
    ),
    ("a volume without a range", SUPINE, '"repetitions"', '"sets"', ("volume_parameter", "'sets'")),
    (
        "a range for what does not apply",
        "exercises/seated-sciatic-nerve-glide.toml",
        "hold_seconds = [",
        "sets = [",
        ("not_applicable.sets",),
    ),
    (
        "a doubled code",
        "precautions.toml",
        '"exercise-unknown"',
        '"program-empty"',
        ("program-empty", "stands 2 times"),
    ),
    ("an unknown severity", "precautions.toml", '"block"', '"blocks"', ("rule[0].severity", "'blocks'")),
    (
        "an unknown option",
        "precautions.toml",
        'options = { flag = "persistent" }',
        'options = { flags = "persistent" }',
        ("persistent-needs-review.options.flag", "missing"),
    ),
    (
        "an option that the condition does not have",
        "precautions.toml",
        'condition = "no-items"',
        'condition = "no-items"\noptions = { kinds = ["static-stretch"] }',
        ("program-empty.options.kinds", "no option"),
    ),
    (
        "an option outside the vocabulary",
        "precautions.toml",
        'kinds = ["nerve-glide"]',
        'kinds = ["nerve-slide"]',
        ("glide-without-nerve-symptoms.options.kinds", "'nerve-slide'"),
    ),
    (
        "a message that speaks of what is not known",
        "precautions.toml",
        "{label} {verb} missing",
        "{lable} {verb} missing",
        ("dose-missing.message", "'lable'"),
    ),
    (
        "an alternative that does not exist",
        "precautions.toml",
        'alternative = "seated-sciatic-nerve-glide"',
        'alternative = "nerve-glide"',
        ("static-stretch-with-nerve-symptoms.alternative", "'nerve-glide'"),
    ),
    (
        "a named alternative that is missing",
        "precautions.toml",
        'alternative = "seated-sciatic-nerve-glide"\n',
        "",
        ("static-stretch-with-nerve-symptoms.alternative", "missing"),
    ),
    (
        "a precaution every pack must have, turned down",
        "precautions.toml",
        'code = "screening-incomplete"\nseverity = "block"',
        'code = "screening-incomplete"\nseverity = "advice"',
        ("no rule blocks on the condition 'leg-unscreened'",),
    ),
    (
        "a gate left open",
        "precautions.toml",
        "ends_check = true",
        "ends_check = false",
        ("screening-missing.ends_check",),
    ),
    ("a sensation left out", "screening.toml", 'id = "tingling"', 'id = "numbness"', ("'numbness' stands 2 times",)),
    ("text that is not TOML", "pack.toml", "id =", "id", ("pack.toml", "not TOML")),
    (
        "an unknown key of a picture",
        "figures/standing-hamstring-stretch.toml",
        "works =",
        'colour = "red"\nworks =',
        ("standing-hamstring-stretch.toml", "colour"),
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "named"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_pack_that_is_not_sound_does_not_load_and_says_where(file, old, new, named, copy):
    edit(copy, file, old, new)

    with pytest.raises(PackError) as refused:
        load_pack(copy)

    assert [name for name in named if name not in str(refused.value)] == []


@pytest.mark.parametrize("missing", ["pack.toml", "education.toml", "figures/standing-hamstring-stretch.toml"])
def test_a_pack_with_a_missing_file_names_it(missing, copy):
    (copy / missing).unlink()

    with pytest.raises(PackError, match=f"{re.escape(missing)}: file: is missing"):
        load_pack(copy)


def test_a_sensation_that_is_not_asked_about_is_named(copy):
    edit(copy, "screening.toml", '[[sensation]]\nid = "tingling"\nlabel = "Tingling"\nsource = ["prin.3"]\n', "")

    with pytest.raises(PackError, match="'tingling' is missing"):
        load_pack(copy)


def test_a_rule_that_reads_the_screening_stands_below_the_gate(copy):
    text = (copy / "precautions.toml").read_text()
    gate = text.index('[[rule]]\ncode = "screening-missing"')
    last = text.index('[[rule]]\ncode = "root-cause"')
    (copy / "precautions.toml").write_text(text[:gate] + text[last:] + "\n" + text[gate:last])

    with pytest.raises(PackError, match="root-cause: stands above 'screening-missing'"):
        load_pack(copy)


def test_the_digest_changes_with_every_byte_and_only_then(copy, pack):
    assert load_pack(copy).digest == pack.digest

    edit(copy, "figures/standing-hamstring-stretch.toml", "# ", "#  ")

    assert load_pack(copy).digest != pack.digest


def test_the_catalogue_keeps_its_order(pack):
    assert list(pack.exercises) == [
        "supine-hamstring-stretch-strap",
        "seated-long-sit-hamstring-stretch",
        "standing-hamstring-stretch",
        "seated-sciatic-nerve-glide",
    ]


def test_an_unknown_code_has_no_rule(pack):
    with pytest.raises(KeyError):
        pack.rule("gut-feeling")
