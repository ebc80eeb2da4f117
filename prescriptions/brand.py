"""What a clinic puts on its paper."""

from dataclasses import dataclass

from prescriptions.colours import Shade, legible

PAPERS = ("a4", "letter")
TYPEFACES = ("Noto Sans", "Noto Serif")
"""Families of Debian's ``fonts-noto-core`` with the same characters: whatever one can print, the other can."""
ACCENT, SECOND = "#0b5f66", "#24508a"


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
    logo: bytes = b""
    """A PNG of our own making; without one, the name stands alone."""
    accent: str = ACCENT
    """Headings and the rule below the clinic's name: "#0b5f66"."""
    second: str = SECOND
    """The bar beside each dose, and other frames."""
    typeface: str = TYPEFACES[0]
    """One of ``TYPEFACES``."""
    layout: str = "standard"
    """One of ``layouts.LAYOUTS``: what is printed where nobody asks for another."""
    footer: str = ""
    """One line at the foot of every page."""

    @property
    def shades(self) -> tuple[Shade, Shade]:
        """Accent and second colour as they are printed. Raises ValueError where one is no colour."""
        return legible(self.accent), legible(self.second)


UNBRANDED = Brand()
"""For the command line, which knows no clinic: its contact is a line to write on."""
