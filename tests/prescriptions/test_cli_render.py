import os
import subprocess

import pytest
from pypdf import PdfReader

from prescriptions.cli import main
from tests.prescriptions.builders import (
    STANDING,
    a_long_sit,
    a_program,
    a_screening,
    a_stretch,
    the_contract_example,
)

ISSUABLE = the_contract_example()
BLOCKED = a_program(a_stretch(hold_seconds=45))
UNANSWERED = a_program(screening=a_screening(persistent=True))
MALFORMED = a_program(a_stretch(hold_seconds="30"), weeks=0)


def test_render_writes_the_handout_and_only_that(program_file, tmp_path):
    out = tmp_path / "out" / "handout.pdf"
    out.parent.mkdir()

    assert (
        main(["render", program_file(ISSUABLE), "-o", str(out), "--clinic", "Riverside", "--phone", "020 7946 0123"])
        == 0
    )

    assert out.read_bytes().startswith(b"%PDF-")
    assert list(out.parent.iterdir()) == [out]


def test_render_gives_the_same_bytes_again(program_file, tmp_path):
    for name in ("a.pdf", "b.pdf"):
        main(["render", program_file(ISSUABLE), "-o", str(tmp_path / name), "--paper", "letter"])

    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize(("data", "code"), [(BLOCKED, 1), (UNANSWERED, 1), (MALFORMED, 2)])
def test_render_refuses_what_is_not_issuable_and_leaves_no_file(data, code, program_file, tmp_path):
    out = tmp_path / "out" / "handout.pdf"
    out.parent.mkdir()

    assert main(["render", program_file(data), "-o", str(out)]) == code

    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize(
    "odd", [["--issued", "yesterday"], ["--version", "0"], ["--version", "-3"], ["--version", "1.5"]]
)
def test_render_refuses_an_edition_that_cannot_be(odd, program_file, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["render", program_file(ISSUABLE), "-o", str(tmp_path / "a.pdf"), *odd])

    assert ended.value.code == 2


def test_render_writes_into_a_pipe_and_leaves_it_a_pipe(program_file, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["/usr/bin/head", "-c", "5", str(pipe)], stdout=subprocess.PIPE)  # noqa: S603  our own pipe

    code = main(["render", program_file(ISSUABLE), "-o", str(pipe)])

    assert (code in {0, 2}, reader.communicate()[0], pipe.is_fifo()) == (True, b"%PDF-", True)


def test_render_leaves_a_file_as_readable_as_any_other(program_file, tmp_path):
    out, other = tmp_path / "a.pdf", tmp_path / "other"
    other.touch()

    main(["render", program_file(ISSUABLE), "-o", str(out)])

    assert out.stat().st_mode == other.stat().st_mode


def test_render_says_when_it_cannot_write(program_file, tmp_path, capsys):
    out = tmp_path / "missing" / "handout.pdf"

    assert main(["render", program_file(ISSUABLE), "-o", str(out)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_render_says_which_character_it_cannot_print(program_file, tmp_path, capsys):
    data = ISSUABLE | {"patient": {"name": "Anna \U0001f600"}}

    assert main(["render", program_file(data), "-o", str(tmp_path / "a.pdf")]) == 2

    assert not (tmp_path / "a.pdf").exists()
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("layout", "pages"), [("standard", 4), ("large", 7), ("compact", 2), ("cards", 5)])
def test_render_takes_a_layout_a_paper_and_black_and_white(layout, pages, program_file, tmp_path):
    out = tmp_path / "a.pdf"
    options = ["--layout", layout, "--paper", "letter", "--mono"]

    assert main(["render", program_file(ISSUABLE), "-o", str(out), *options]) == 0

    found = PdfReader(out)
    assert len(found.pages) == pages
    assert round(found.pages[0].mediabox.width) == 612


def test_render_says_why_compact_cannot_be_had(program_file, tmp_path, capsys):
    out, right = tmp_path / "a.pdf", {"side": "right"}
    standing = a_stretch(exercise=STANDING)
    data = a_program(a_stretch(), a_stretch(**right), a_long_sit(), standing, standing | right)

    code = main(["render", program_file(data), "-o", str(out), "--layout", "compact"])

    assert (code, out.exists()) == (2, False)
    assert "The compact layout holds 4 exercises, and this program has 5." in capsys.readouterr().err
