"""How patients are found though what they are called is sealed.

Of what the clinic marked as sensitive only keyed hashes of the words are kept: whoever knows a whole word finds it, and
whoever reads the database finds none. Of the rest a plain copy is kept to search in.
"""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Clinic, Patient
from app.services.keys import keyring
from app.services.words import searchable

DIGITS = "".join(map(chr, range(0xFDD0, 0xFDF0)))
"""32 codes that Unicode will never give to a character, and that nobody can type: no plain word is found in a hash."""
LENGTH = 20
"""Digits of a word's hash: 100 bits."""
AT_ONCE = 200


def identifier_index(identifier: str, *, clinic_id: str) -> str | None:
    """Where equal record numbers meet. "M-12" and "m-12" are one: nobody tells them apart on the phone."""
    return keyring().blind("identifier", clinic_id, searchable(identifier)) if identifier else None


def hidden(clinic_id: str) -> Callable[[str], str]:
    """What stands in the place of a word, in a clinic that marked it as sensitive."""

    def hidden_word(word: str) -> str:
        number = int(keyring().blind("word", clinic_id, word), 16)
        return "".join(DIGITS[number >> 5 * place & 31] for place in range(LENGTH))

    return hidden_word


def other_words(clinic: Clinic) -> Callable[[str], str] | None:
    """For ``every_word``: what else to look for where the clinic marked something; None where it marked nothing."""
    return hidden(clinic.id) if clinic.sensitive else None


def write(session: Session, patient: Patient) -> None:
    """Make the patient's indexes anew, as the clinic's marks say now. Nobody changes those until the caller commits."""
    marks = session.scalars(
        select(Clinic.sensitive_text).where(Clinic.id == patient.clinic_id).with_for_update(read=True)
    ).one()
    _write(patient, frozenset(marks.split(",")))


def reindex(session: Session, clinic: Clinic) -> None:
    """Make the indexes of all the clinic's patients anew, together with a change of its marks."""
    session.flush()  # holds the changed clinic's row: whoever adds a patient now waits, and then sees the marks
    last = ""
    while True:
        query = select(Patient).where(Patient.clinic_id == clinic.id, Patient.id > last).order_by(Patient.id)
        patients = session.scalars(query.limit(AT_ONCE).with_for_update(of=Patient)).all()
        for patient in patients:
            _write(patient, clinic.sensitive)
        session.flush()
        if len(patients) < AT_ONCE:
            return
        last = patients[-1].id


def _write(patient: Patient, marks: frozenset[str]) -> None:
    identifier = patient.identifier or ""
    hide = hidden(patient.clinic_id)
    parts = {"name": searchable(patient.name), "identifier": searchable(identifier)}
    found_by = [" ".join(map(hide, text.split())) if name in marks else text for name, text in parts.items()]
    patient.identifier_index = identifier_index(identifier, clinic_id=patient.clinic_id)
    patient.search_text = " ".join(filter(None, found_by))
    patient.sort_text = "" if "name" in marks else parts["name"]
