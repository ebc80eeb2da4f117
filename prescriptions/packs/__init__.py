"""The catalogue packs, one folder each, and the one function that loads them."""

from pathlib import Path

from prescriptions.pack_file import load_pack

HAMSTRING = Path(__file__).parent / "hamstring-behind-the-knee"
"""The folder of the first pack."""

__all__ = ["HAMSTRING", "load_pack"]
