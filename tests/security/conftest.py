"""Where the service starts: an environment with all that it needs, and a folder that hides nothing."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

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
def open_folder():
    """A folder that everybody may look into, as those above it. pytest's own are closed, and shared with other runs."""
    with TemporaryDirectory(prefix="holdwell-open-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
