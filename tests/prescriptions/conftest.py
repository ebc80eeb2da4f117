import json
from typing import Any

import pytest

from prescriptions.catalogue import Pack
from prescriptions.packs import HAMSTRING, load_pack


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(HAMSTRING)


@pytest.fixture
def program_file(tmp_path):
    def write(data: Any, name: str = "program.json") -> str:
        path = tmp_path / name
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return str(path)

    return write
