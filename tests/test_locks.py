"""What is installed is what was locked, from whichever registry the machine is set to use."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("runtime", "dev")
FLOORS = {
    "flask": "3.1.3",
    "jinja2": "3.1.6",
    "marshmallow": "4.1.2",
    "pillow": "12.2",
    "weasyprint": "70.0",
    "werkzeug": "3.1.6",
}
"""What mended a fault that could be reached here: no lock goes back behind it."""
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|jsdelivr|unpkg)\.(?:org|com|net)\b")


def read(name: str) -> str:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


def locked(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ \\]+)", read(f"{lock}.txt"), re.MULTILINE))


def asked_for(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z][^ \n]*)", read(f"{lock}.in"), re.MULTILINE))


def project_files() -> list[Path]:
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()} | {".git"}
    paths = (path for path in ROOT.rglob("*") if not ignored.intersection(path.relative_to(ROOT).parts))
    return [path for path in paths if path.is_file()]


@pytest.mark.asvs("15.1.2")
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_packages_and_hashes_and_nothing_else(lock):
    package = r"[a-z0-9-]+==[^ ]+(?: ; [^\\]+)?"
    hashes = r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+"

    others = re.sub(rf"^{package}{hashes}\n", "", read(f"{lock}.txt"), flags=re.MULTILINE)

    assert others == ""


@pytest.mark.asvs("15.1.2")
@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_asked_for_is_locked(lock):
    names = {re.split(r"[\[~=<>]", wanted)[0] for wanted in asked_for(lock)}

    assert names
    assert names <= locked(lock).keys()


def test_the_tests_run_with_the_very_packages_of_the_service():
    assert locked("runtime").items() <= locked("dev").items()


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.asvs("15.2.1")
@pytest.mark.parametrize("lock", LOCKS)
def test_no_library_is_older_than_the_release_that_mended_it(lock):
    versions = locked(lock)

    assert {name: versions[name] for name, least in FLOORS.items() if numbers(versions[name]) < numbers(least)} == {}


def test_the_service_asks_for_what_the_project_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert asked_for("runtime") == set(project["dependencies"])


def test_nothing_is_installed_but_wheels_with_a_hash_of_the_lock():
    setup = (ROOT / "bin" / "setup").read_text(encoding="utf-8").replace("\\\n", "")
    installs = re.findall(r"-m pip install[^\n]*", setup)

    assert installs
    for install in installs:
        assert {"--no-deps", "--require-hashes", "--only-binary"} <= set(install.split())


def test_no_file_of_the_project_names_a_package_registry():
    naming = [str(path) for path in project_files() if REGISTRY.search(path.read_text("utf-8", errors="replace"))]

    assert naming == []
