#!/usr/bin/env python3
"""Plants faults in a copy of the checkout, one at a time, and demands that a test turns red for each.

usage: bin/seeded_faults.py [--postgresql] [NAME ...]   all of tests/faults/*.toml, or those named

With --postgresql also those that only a server's wall holds. Exit status 1 when one survives.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FAILED = 1
"""pytest's exit status for tests that ran and failed; any other says that they did not run."""

Fault = dict[str, Any]


def faults() -> list[Fault]:
    """All that there are."""
    found = sorted((ROOT / "tests" / "faults").glob("*.toml"))
    return [fault for path in found for fault in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]]


def copy(folder: Path) -> None:
    """The files that git knows, as they stand here, beside the environment that is here."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode()  # noqa: S607
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")


def run(folder: Path, tests: list[str], *, on_postgresql: bool) -> tuple[int, str]:
    """Exit status of pytest and what it said last."""
    pytest = [".venv/bin/python", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    command = ["bin/with-postgresql", *pytest] if on_postgresql else pytest
    environ = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    return ended.returncode, (ended.stdout.strip().splitlines() or [""])[-1]


def is_caught(folder: Path, fault: Fault) -> bool:
    """Whether a test fails while the fault is in the copy. An error before the test itself does not count."""
    path = folder / fault["file"]
    sound = path.read_text(encoding="utf-8")
    if sound.count(fault["find"]) != 1:
        raise SystemExit(f"{fault['name']}: the text to replace is not there exactly once in {fault['file']}.")
    try:
        path.write_text(sound.replace(fault["find"], fault["replace"]), encoding="utf-8")
        status, said = run(folder, fault["tests"], on_postgresql=fault.get("postgresql", False))
    finally:
        path.write_text(sound, encoding="utf-8")
    return status == FAILED and re.search(r"\b[1-9][0-9]* failed", said) is not None


def demand_green(folder: Path, chosen: list[Fault]) -> None:
    """Without a fault every test that is named passes."""
    for on_postgresql in (False, True):
        named = [fault for fault in chosen if fault.get("postgresql", False) is on_postgresql]
        tests = sorted({test for fault in named for test in fault["tests"]})
        if tests:
            status, said = run(folder, tests, on_postgresql=on_postgresql)
            if status:
                raise SystemExit(f"Without a fault the tests are not green: {said}")


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def chosen_faults() -> list[Fault]:
    """Those that the command line asks for."""
    parser = argparse.ArgumentParser(description="Plant faults in a copy, and demand that tests turn red.")
    parser.add_argument("--postgresql", action="store_true", help="also those that need a server")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    given = parser.parse_args()
    possible = {fault["name"]: fault for fault in faults() if given.postgresql or not fault.get("postgresql")}
    if not possible.keys() >= set(given.names):
        parser.error("there is no such fault, or it needs --postgresql")
    return [possible[name] for name in given.names or possible]


def main() -> int:
    """Plant them."""
    chosen, caught = chosen_faults(), 0
    with tempfile.TemporaryDirectory(prefix="holdwell-faults-") as folder:
        copy(Path(folder))
        demand_green(Path(folder), chosen)
        for fault in chosen:
            found = is_caught(Path(folder), fault)
            caught += found
            say(f"{'caught  ' if found else 'SURVIVED'}  {fault['name']}: {fault['must_not_happen']}")
    say(f"{caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
