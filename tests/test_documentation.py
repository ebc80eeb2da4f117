"""What README and docs say is so: commands, settings and links exist, and none is left out."""

import os
import re
from pathlib import Path

import click
import pytest
from flask import Flask

from app import cli, cli_audit, cli_policy, cli_provider
from prescriptions.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", README, re.DOTALL)
COMMANDS = re.sub(r"\\\n\s*", "", "\n".join(block or inline for block, inline in CODE))
CALENDAR = (ROOT / "docs" / "security-calendar.md").read_text(encoding="utf-8")
PAGES = sorted(str(page.relative_to(ROOT)) for pattern in ("*.md", "docs/**/*.md") for page in ROOT.glob(pattern))


def table_after(heading: str) -> set[str]:
    """The names in the first column of the table below a heading of the README."""
    section = README.split(f"\n{heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "bin").glob("[!_]*")))
def test_every_script_can_be_run_as_it_stands(script):
    path = ROOT / "bin" / script

    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"(?<![/\w])bin/[\w.-]+(?: --[a-z]+)?", COMMANDS))))
def test_every_script_and_option_of_the_readme_exists(name):
    script, _, option = name.partition(" ")

    assert option in (ROOT / script).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^(?:bin/)?holdwell ([a-z]+)", COMMANDS, re.MULTILINE))))
def test_every_holdwell_command_of_the_readme_exists(command):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])

    assert end.value.code == 0


@pytest.mark.parametrize(
    "line",
    sorted({*re.findall(r"flask --app wsgi (.+)", COMMANDS), *re.findall(r"`flask --app wsgi ([^`]+)`", CALENDAR)}),
)
def test_every_flask_command_and_option_of_readme_and_calendar_exists(line):
    service = Flask("readme")
    for commands in (cli, cli_audit, cli_policy, cli_provider):
        commands.register(service)

    command = service.cli
    for name in line.split(" --")[0].split():
        if not isinstance(command, click.Group):
            break  # what follows a command is its argument
        command = command.commands[name]

    assert set(re.findall(r"--[a-z-]+", line)) <= {name for option in command.params for name in option.opts}


def test_the_example_program_may_be_issued():
    assert main(["check", str(ROOT / "docs" / "example-program.json")]) == 0


def test_the_readme_lists_every_setting_and_no_other():
    source = (ROOT / "app" / "config.py").read_text(encoding="utf-8")

    assert table_after("## Configuration") == set(re.findall(r'"(HOLDWELL_[A-Z_]+|DATABASE_URL)"', source))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text(encoding="utf-8"))

    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
