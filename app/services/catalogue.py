"""The catalogue this service prescribes from."""

from functools import cache

from prescriptions.catalogue import Pack
from prescriptions.packs import HAMSTRING, load_pack


@cache
def pack() -> Pack:
    """The pack, loaded once. Raises PackError: a service whose catalogue is not sound must not start."""
    return load_pack(HAMSTRING)
