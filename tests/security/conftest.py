"""Where the service starts: an environment with all that it needs, and a folder that hides nothing."""

import os
import stat

import pytest

from app.keyring import new_file
from tests.conftest import SECRET


@pytest.fixture
def environ(url, tmp_path):
    """An environment that the service starts in."""
    path = tmp_path / "keys"
    path.touch(0o600)
    path.write_text(new_file())
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | {
        "HOLDWELL_SECRET_KEY": SECRET,
        "HOLDWELL_SECURE_COOKIES": "false",
        "HOLDWELL_KEYS": str(path),
        "HOLDWELL_AUDIT_ANCHOR": str(tmp_path / "anchor.jsonl"),
        "DATABASE_URL": url,
    }


@pytest.fixture
def open_folder(tmp_path_factory):
    """A folder that everybody may look into, as those above it."""
    folder = tmp_path_factory.mktemp("open")
    closed = [one for one in (folder, *folder.parents) if not one.stat().st_mode & stat.S_IXOTH]
    modes = {one: one.stat().st_mode for one in closed}
    for one, mode in modes.items():
        one.chmod(mode | stat.S_IXOTH)
    yield folder
    for one, mode in modes.items():
        one.chmod(mode)
