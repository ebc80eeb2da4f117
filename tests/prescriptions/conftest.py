import pytest

from prescriptions.catalogue import Pack
from prescriptions.packs import HAMSTRING, load_pack


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(HAMSTRING)
