"""What ties the sheet of paper to the program file inside its PDF: that file's hash, whole and in short."""

from hashlib import sha256

FILE_NAME = "program.json"
"""What the program file is called inside the PDF."""
GROUPS, GROUP_LENGTH = 4, 4


def digest(program_file: bytes) -> str:
    """The SHA-256 of the file, as ``sha256sum`` prints it."""
    return sha256(program_file).hexdigest()


def fingerprint(program_file: bytes) -> str:
    """The beginning of the hash, to be printed and compared by people: "3f2a-91c0-77de-04b1"."""
    start = digest(program_file)
    return "-".join(start[index * GROUP_LENGTH : (index + 1) * GROUP_LENGTH] for index in range(GROUPS))
