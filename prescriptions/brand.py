"""What a clinic puts on its paper."""

from dataclasses import dataclass

PAPERS = ("a4", "letter")


@dataclass(frozen=True, slots=True)
class Brand:
    """The clinic as its patients see it. An empty name or phone is printed as a ruled line to write on."""

    clinic_name: str = ""
    phone: str = ""
    address: str = ""
    hours: str = ""
    """When somebody answers the phone: "Monday to Friday, 8:00 to 18:00"."""
    email: str = ""
    paper: str = "a4"
    """One of ``PAPERS``."""
    is_demonstration: bool = False
    """Every page of the handout then says that it is not for a patient."""


UNBRANDED = Brand()
"""For the command line, which knows no clinic: its contact is a line to write on."""
