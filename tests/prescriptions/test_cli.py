import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from prescriptions.cli import main
from prescriptions.packs import HAMSTRING
from tests.prescriptions.builders import a_program, a_screening, a_stretch, the_contract_example

ISSUABLE = the_contract_example()
BLOCKED = a_program(a_stretch(hold_seconds=45))
UNANSWERED = a_program(screening=a_screening(persistent=True))
MALFORMED = a_program(a_stretch(hold_seconds="30"), weeks=0)
PYTHON = shlex.quote(sys.executable)


@pytest.fixture
def standard_input(monkeypatch):
    def give(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return give


@pytest.mark.parametrize(
    ("data", "code", "first_line"),
    [
        (ISSUABLE, 0, "issuable, about 9 minutes a session"),
        (BLOCKED, 1, "blocked, about 8 minutes a session"),
        (UNANSWERED, 1, "needs-acknowledgement, about 7 minutes a session"),
    ],
)
def test_check_prints_the_verdict_and_ends_with_its_code(data, code, first_line, program_file, capsys):
    assert main(["check", program_file(data)]) == code
    assert capsys.readouterr().out.splitlines()[0] == first_line


def test_check_prints_each_finding_with_its_source(program_file, capsys):
    main(["check", program_file(BLOCKED)])

    assert (
        "items[0].hold_seconds: Hold is 45 seconds; the source documents 20 to 30.  [supine.dose]"
        in capsys.readouterr().out
    )


def test_check_prints_the_verdict_as_json(program_file, capsys):
    main(["check", program_file(ISSUABLE), "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert list(answer) == ["verdict", "catalogue", "session_minutes", "findings"]
    assert list(answer["catalogue"]) == ["pack", "version", "digest"]


def test_check_names_every_problem_of_a_malformed_file(program_file, capsys):
    assert main(["check", program_file(MALFORMED)]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split(":")[1].strip() for line in captured.err.splitlines()] == ["weeks", "items[0].hold_seconds"]


def test_check_names_them_as_json_too(program_file, capsys):
    assert main(["check", program_file(MALFORMED), "--json"]) == 2

    assert json.loads(capsys.readouterr().out) == {
        "errors": {
            "items[0].hold_seconds": ["Must be a whole number from 1 to 999."],
            "weeks": ["Must be a whole number from 1 to 52."],
        }
    }


@pytest.mark.parametrize("name", ["no-such-file.json", "."])
def test_check_says_when_a_file_cannot_be_read(name, capsys):
    assert main(["check", name]) == 2
    assert "file: Cannot be read" in capsys.readouterr().err


def test_check_reads_standard_input(standard_input):
    standard_input(json.dumps(ISSUABLE).encode())

    assert main(["check", "-"]) == 0


def test_check_reads_toml(program_file, capsys):
    text = 'format = "holdwell-program/1"\nitems = []\n'

    assert main(["check", program_file(text, "program.toml")]) == 1
    assert "program-empty" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["check"], ["check", "a.json", "--lines"], [], ["prescribe"], ["render", "a.json"]]
)
def test_a_misused_command_ends_with_two(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2


def test_lines_are_answered_one_by_one_in_order(standard_input, capsys):
    lines = [ISSUABLE, MALFORMED, BLOCKED]
    standard_input("\n".join(map(json.dumps, lines)).encode() + b"\nnot json\n\n" + b"[" * 300_000 + b"\n{}\n")

    assert main(["check", "--lines"]) == 0

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer.get("verdict") for answer in answers] == ["issuable", None, "blocked", None, None, None, None]
    assert [list(answer["errors"]) for answer in answers if "errors" in answer] == [
        ["weeks", "items[0].hold_seconds"],
        ["file"],
        ["file"],
        ["file"],
        ["format", "items"],
    ]


def test_catalogue_lists_and_shows(capsys):
    assert main(["catalogue"]) == 0
    assert "seated-sciatic-nerve-glide" in capsys.readouterr().out

    assert main(["catalogue", "seated-sciatic-nerve-glide"]) == 0
    assert "Sets: 2 to 3  [glide.dose]" in capsys.readouterr().out


def test_catalogue_shows_ranges_and_sources_as_json(capsys):
    main(["catalogue", "supine-hamstring-stretch-strap", "--json"])

    hold = json.loads(capsys.readouterr().out)["doses"]["hold_seconds"]
    assert hold == {"low": 20, "high": 30, "default": 30, "source": ["supine.dose"], "confirmed_by": ["rout.2"]}


def test_catalogue_ends_with_two_for_an_unknown_id(capsys):
    assert main(["catalogue", "cartwheel"]) == 2
    assert "'cartwheel' is not in the catalogue" in capsys.readouterr().err


def test_trace_reports_every_statement(capsys):
    assert main(["trace"]) == 0
    report = capsys.readouterr().out.splitlines()
    assert report[-1] == "45 statements, 0 lost"
    assert "             “Do not bounce. Bouncing can hurt the muscle.”" in report

    assert main(["trace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lost"] == 0


def copy_of_the_pack(folder: Path, file: str, old: str, new: str) -> str:
    for path in HAMSTRING.rglob("*.toml"):
        target = folder / path.relative_to(HAMSTRING)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text().replace(old, new) if path.name == file else path.read_text())
    return str(folder)


def test_trace_fails_when_a_statement_is_lost(tmp_path, capsys):
    pack = copy_of_the_pack(tmp_path, "statements.toml", 'id = "prin.6"', 'id = "prin.6"\n')
    lost = copy_of_the_pack(tmp_path / "lost", "statements.toml", 'kept_as = ["note"]', 'kept_as = ["text"]')

    assert main(["--pack", pack, "trace"]) == 0
    assert main(["--pack", lost, "trace"]) == 1
    assert "LOST as text" in capsys.readouterr().out


def test_trace_fails_when_the_pack_cites_an_unknown_statement(tmp_path, capsys):
    pack = copy_of_the_pack(tmp_path, "education.toml", '"prin.6"', '"prin.7"')

    assert main(["--pack", pack, "trace"]) == 1
    assert "prin.7" in capsys.readouterr().err


def test_check_ends_with_two_when_the_pack_does_not_load(tmp_path, capsys):
    assert main(["--pack", str(tmp_path), "catalogue"]) == 2
    assert "pack.toml: file: is missing" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_causes_no_traceback():
    root = Path(__file__).parents[2]
    command = f"{PYTHON} -m prescriptions.cli trace | head -n 1"

    ended = subprocess.run(command, shell=True, cwd=root, capture_output=True, text=True, check=False)  # noqa: S602  the pipe is the case

    assert (ended.stderr, ended.stdout.count("\n")) == ("", 1)


def run(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S602  the shell's pipe is the case
        command,
        shell=True,
        executable="/bin/bash",
        cwd=Path(__file__).parents[2],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_blocked_program_is_no_success_when_nobody_reads(program_file):
    ended = run(f"{PYTHON} -m prescriptions.cli check {program_file(BLOCKED)} | true; exit ${{PIPESTATUS[0]}}")

    assert (ended.returncode, ended.stderr) == (1, "")


def test_lines_that_nobody_reads_are_no_success(tmp_path):
    lines = tmp_path / "lines"
    lines.write_text((json.dumps(ISSUABLE) + "\n") * 2000)
    command = f"{PYTHON} -m prescriptions.cli check --lines < {lines} | head -n 1; exit ${{PIPESTATUS[0]}}"

    ended = run(command)

    assert (ended.returncode, ended.stderr) == (1, "")


def test_a_terminal_without_the_right_letters_shows_them_escaped(program_file):
    path = program_file(a_program(a_stretch(exercise="cartwheel")))

    ended = run(f"{PYTHON} -m prescriptions.cli check {path}", PYTHONIOENCODING="ascii")

    assert (ended.returncode, ended.stderr) == (1, "")
    assert "\\u201ccartwheel\\u201d is not in the catalogue" in ended.stdout


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"", "JSON"),
        (b"null", "malformed"),
        (b'"x"', "malformed"),
        (b"# a comment", "malformed"),
        (b"format = 1", "malformed"),
    ],
)
def test_standard_input_is_taken_for_what_it_looks_like(text, kind, standard_input, capsys):
    standard_input(text)

    assert main(["check", "-"]) == 2
    assert ("Is not JSON" in capsys.readouterr().err) is (kind == "JSON")
