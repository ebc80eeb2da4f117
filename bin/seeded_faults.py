#!/usr/bin/env python3
"""Plants faults in copies of the checkout, one at a time, and demands that every test named for one turns red.

usage: bin/seeded_faults.py [--postgresql] [--copies N] [NAME ...]   all of tests/faults/*.toml, or those named

With --postgresql also on a server, for the faults that say so. Exit status 1 when one survives.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FAILED = 1
"""pytest's exit status for tests that ran and failed; any other says that they did not run."""
SECONDS = 900
"""The longest that the tests of one fault may take. A test that hangs has not turned red."""
SQLITE, POSTGRESQL = "sqlite", "postgresql"

Fault = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Planting:
    """A fault, and the database that its tests run on."""

    fault: Fault
    database: str

    @property
    def name(self) -> str:
        """The fault's, and where the tests run if not as usual."""
        return f"{self.fault['name']}{'' if self.database == SQLITE else ' (PostgreSQL)'}"


class Copies:
    """Copies of the checkout. Each is lent to one at a time."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """All are free."""
        self._free: SimpleQueue[Path] = SimpleQueue()
        for folder in folders:
            self._free.put(folder)

    @contextmanager
    def one(self) -> Iterator[Path]:
        """A copy that nobody else has now."""
        folder = self._free.get()
        try:
            yield folder
        finally:
            self._free.put(folder)


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


def run(folder: Path, tests: Sequence[str], *, database: str) -> tuple[int, str]:
    """Exit status of pytest and what it said last."""
    pytest = [".venv/bin/python", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--hypothesis-profile", "ci"]
    command = ["bin/with-postgresql", *pytest] if database == POSTGRESQL else pytest
    environ = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(  # noqa: S603
            [*command, *tests], cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return -1, f"no end after {SECONDS} seconds"
    return ended.returncode, (ended.stdout.strip().splitlines() or [""])[-1]


def stays_green(folder: Path, test: str, *, database: str) -> bool:
    """Whether the test passes, or does not get so far: an error before the test itself proves nothing."""
    status, said = run(folder, [test], database=database)
    return status != FAILED or re.search(r"\b[1-9][0-9]* failed", said) is None


def survivors(copies: Copies, planting: Planting) -> list[str]:
    """The tests that should turn red while the fault is in the copy, and do not."""
    fault = planting.fault
    with copies.one() as folder:
        path = folder / fault["file"]
        sound = path.read_text(encoding="utf-8")
        if sound.count(fault["find"]) != 1:
            return ["the text to replace is not there exactly once"]
        try:
            path.write_text(sound.replace(fault["find"], fault["replace"]), encoding="utf-8")
            return [test for test in fault["tests"] if stays_green(folder, test, database=planting.database)]
        finally:
            path.write_text(sound, encoding="utf-8")


def demand_green(copies: Copies, chosen: Sequence[Planting], pool: ThreadPoolExecutor) -> None:
    """Without a fault every test that is named passes."""

    def said(part: tuple[str, Sequence[str]]) -> str:
        database, tests = part
        with copies.one() as folder:
            status, line = run(folder, tests, database=database)
        return line if status else ""

    wrong = list(filter(None, pool.map(said, parts(chosen))))
    if wrong:
        raise SystemExit(f"Without a fault the tests are not green: {'; '.join(wrong)}")


def parts(chosen: Sequence[Planting]) -> Iterator[tuple[str, list[str]]]:
    """All tests that are named, on the database they are named for, in portions for one copy."""
    for database, portions in ((POSTGRESQL, 1), (SQLITE, 2)):
        tests = sorted({test for one in chosen if one.database == database for test in one.fault["tests"]})
        yield from ((database, tests[start::portions]) for start in range(min(portions, len(tests))))


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def possible(databases: Container[str]) -> list[Planting]:
    """Every fault on each of these databases that it is for."""
    return [Planting(fault, on) for fault in faults() for on in fault.get("databases", [SQLITE]) if on in databases]


def chosen_plantings() -> tuple[list[Planting], int]:
    """Those that the command line asks for, and in how many copies."""
    parser = argparse.ArgumentParser(description="Plant faults in copies, and demand that tests turn red.")
    parser.add_argument("--postgresql", action="store_true", help="on a server as well")
    parser.add_argument("--copies", type=int, default=os.cpu_count() or 1, help="how many faults at a time")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    given = parser.parse_args()
    found = possible({SQLITE, POSTGRESQL} if given.postgresql else {SQLITE})
    if not {one.fault["name"] for one in found} >= set(given.names):
        parser.error("there is no such fault, or it needs --postgresql")
    return [one for one in found if not given.names or one.fault["name"] in given.names], max(1, given.copies)


def main() -> int:
    """Plant them."""
    chosen, wanted = chosen_plantings()
    caught = 0
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory
        folders = [Path(stack.enter_context(made(prefix="holdwell-faults-"))) for _ in range(wanted)]
        for folder in folders:
            copy(folder)
        copies, pool = Copies(folders), stack.enter_context(ThreadPoolExecutor(wanted))
        demand_green(copies, chosen, pool)
        for planting, green in zip(chosen, pool.map(lambda one: survivors(copies, one), chosen), strict=True):
            caught += not green
            say(f"{'SURVIVED' if green else 'caught  '}  {planting.name}: {planting.fault['must_not_happen']}")
            for test in green:
                say(f"          stayed green: {test}")
    say(f"{caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
