"""Handouts and PDFs as a clinic would make them, and ways to read the PDFs back."""

import re
import subprocess
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from pypdf import PdfReader

from prescriptions.brand import Brand
from prescriptions.handout import Edition, Handout, arranged, compose
from prescriptions.packs import HAMSTRING, load_pack
from prescriptions.paper import Printer
from prescriptions.program_file import read
from prescriptions.qr import Lookup
from tests.prescriptions.builders import GLIDE, LONG_SIT, STANDING, a_glide, a_long_sit, a_program, a_stretch

ROOT = Path(__file__).parents[2]
CLINIC = Brand(
    clinic_name="Riverside Physiotherapy",
    phone="555 0100",
    address="12 Mill Lane, Springfield",
    hours="Monday to Friday, 8:00 to 18:00",
    email="hello@riverside.example",
)
EDITION = Edition(number="HW-7F3K2Q9P", version=2, issued_on="2026-11-22", replaces=1, therapist="Alex Morgan")
PATIENT = {"name": "Sample Patient", "identifier": "MRN-0042", "birth_date": "1984-03-09"}

LONG_NAME = (
    "Wilhelmina Featherstone-Cholmondeley von und zu Hohenlohe-Waldenburg de la Croix y Ramos "
    "Echeverría Santiago de Paz Mont"
)
LONG_NOTE = ("Go slowly and stay calm, and rest for as long as you like. " * 9)[:500].strip()
LARGE_CLINIC = Brand(
    clinic_name="Riverside Physiotherapy and Rehabilitation Center for Sports and Orthopedics of Greater Springfield",
    phone="+1 (555) 010-0100 extension 12345",
    address="Suite 1200, Building C, The Old Paper Mill Business Park, 123 North Street, Springfield, Illinois 62701",
    hours="Monday to Thursday, 8:00 to 18:00; Friday, 8:00 to 16:00; Saturday by appointment",
    email="reception.and.appointments@riverside-physiotherapy-springfield.example",
    is_demonstration=True,
)

THE_FOUR = (
    a_stretch(),
    a_long_sit(),
    a_stretch(exercise=STANDING, side="both"),
    a_glide(),
)
EXERCISES = (*[item["exercise"] for item in THE_FOUR],)
assert EXERCISES[1:] == (LONG_SIT, STANDING, GLIDE)


@cache
def the_pack() -> Any:
    return load_pack(HAMSTRING)


@cache
def the_printer() -> Printer:
    return Printer()


def a_handout(*items: dict[str, Any], brand: Brand = CLINIC, edition: Edition = EDITION, **changes: Any) -> Handout:
    """One supine stretch for six weeks from a Monday, unless items or keys of the program file are given."""
    usual = {"patient": PATIENT, "weeks": 6, "starts_on": "2026-11-23", "timing": ["after_workout"]}
    program = read(a_program(*items, **(usual | changes)), the_pack())
    return compose(program, the_pack(), brand, edition)


def a_large_handout(paper: str) -> Handout:
    """Everything as long as its field allows."""
    return a_handout(
        *[item | {"note": LONG_NOTE} for item in THE_FOUR],
        patient=PATIENT | {"name": LONG_NAME, "identifier": "MRN-" + "0" * 116},
        timing=["after_workout", "rest_day", "morning", "evening"],
        weeks=52,
        sessions_per_week=7,
        brand=replace(LARGE_CLINIC, paper=paper),
        edition=replace(EDITION, therapist=LONG_NAME),
    )


def printed(handout: Handout) -> bytes:
    return the_printer().print_pdf(handout)


def pages(pdf: bytes) -> list[str]:
    """The text of each page in reading order, runs of white space as one space."""
    found = _poppler(["pdftotext", "-enc", "UTF-8"], pdf, "-")
    return [flat(page) for page in found.split("\f")[:-1]]


def pixels(pdf: bytes) -> bytes:
    """The first page in greys, coarsely."""
    return _poppler_bytes(["pdftoppm", "-gray", "-r", "50", "-f", "1", "-l", "1"], pdf)


def fonts(pdf: bytes) -> list[str]:
    """Names of the embedded fonts, without the tag of the subset."""
    lines = _poppler(["pdffonts"], pdf).splitlines()[2:]
    return sorted({re.sub(r"^[A-Z]{6}\+", "", line.split()[0]) for line in lines})


def flat(text: str) -> str:
    return " ".join(text.split())


def unspaced(text: str) -> str:
    """For words that are broken over lines."""
    return "".join(text.split())


def document(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf))


def _poppler(command: list[str], pdf: bytes, *target: str) -> str:
    return _poppler_bytes(command, pdf, *target).decode()


def _poppler_bytes(command: list[str], pdf: bytes, *target: str) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "handout.pdf")
        file.write_bytes(pdf)
        return subprocess.run(  # noqa: S603 - the tests' own commands on the tests' own file
            [*command, str(file), *target], check=True, capture_output=True
        ).stdout


def a_logo(colour: tuple[int, int, int] = (200, 30, 40)) -> bytes:
    made = BytesIO()
    Image.new("RGB", (120, 40), colour).save(made, "PNG")
    return made.getvalue()


LOOKUP = Lookup("7F3K-2Q9P", "https://riverside.example/sheet/7F3K2Q9P")
FULL_CLINIC = replace(CLINIC, logo=a_logo(), accent="#7a1f5c", second="#b04a00", footer="A friend of the community")


def a_full_handout(
    *items: dict[str, Any], layout: str = "standard", paper: str = "a4", monochrome: bool = False, **changes: Any
) -> Handout:
    """A second version with everything that a sheet can carry, set in a layout."""
    usual = {"patient": PATIENT, "weeks": 6, "starts_on": "2026-11-23", "timing": ["after_workout"]} | changes
    program = read(a_program(*items, **usual), the_pack())
    before = read(a_program(*items, **(usual | {"weeks": 4, "sessions_per_week": 3})), the_pack())
    handout = compose(program, the_pack(), FULL_CLINIC, EDITION, previous=before, lookup=LOOKUP)
    return arranged(handout, layout=layout, paper=paper, monochrome=monochrome)


def in_order(pdf: bytes) -> list[str]:
    """The text of each page in the order in which it is written, whatever stands beside what."""
    found = _poppler(["pdftotext", "-raw", "-enc", "UTF-8"], pdf, "-")
    return [flat(page) for page in found.split("\f")[:-1]]


def sizes(pdf: bytes) -> set[float]:
    """Every font size that is used in the text of a PDF, in points."""
    found = set()

    def visit(text: str, current: Any, matrix: Any, font: Any, size: float) -> None:
        if text.strip() and font:
            found.add(round(size * abs(current[3] * matrix[3]), 1))

    for page in document(pdf).pages:
        page.extract_text(visitor_text=visit)
    return found
