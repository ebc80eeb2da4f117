"""Patients are found though what they are called is sealed: by whole words, and by nothing less."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.errors import InvalidError
from app.models import Patient
from app.services import history, patients
from app.services.history import HistoryFilters
from app.services.patients import PatientFacts
from app.services.patients_index import DIGITS, LENGTH
from tests.builders import a_patient, a_screened_patient, an_issued_program
from tests.builders_care import seal_names
from tests.records import stored

MARKS = [("name",), ("identifier",), ("name", "identifier")]


def found(text, by):
    return [patient.name for patient in patients.search(text=text, page=1, by=by, at=now()).items]


def index_of(patient):
    columns = Patient.search_text, Patient.sort_text
    return tuple(stored(current_app, select(*columns).where(Patient.id == patient.id))[0])


@pytest.mark.parametrize("text", ["zoe", "ZOË", "muller", "zoe muller", "muller zoe", "m-42", "zoe m-42"])
@pytest.mark.parametrize("marks", MARKS)
def test_a_patient_is_found_by_whole_words_whatever_is_sealed(alma, marks, text):
    alma = seal_names(alma, *marks)
    a_patient(alma, name="Zoë Müller", identifier="M-42")

    assert found(text, alma) == ["Zoë Müller"]


@pytest.mark.parametrize("text", ["zo", "mull", "oe", "zoe x", "zoe mull", "zoem", "lund"])
def test_a_sealed_name_is_not_found_by_part_of_a_word(alma, text):
    alma = seal_names(alma, "name")
    a_patient(alma, name="Zoë Müller", identifier="M-42")

    assert found(text, alma) == []


def test_what_is_not_sealed_is_still_found_by_part_of_a_word(alma):
    alma = seal_names(alma, "name")
    a_patient(alma, name="Zoë Müller", identifier="M-42")

    assert found("-4", alma) == ["Zoë Müller"]
    assert found("zoe 42", alma) == ["Zoë Müller"]


@pytest.mark.parametrize("text", ["~", "%", "_", "a", "2"])
def test_nothing_that_can_be_typed_is_found_inside_a_hash(alma, text):
    alma = seal_names(alma, "name", "identifier")
    a_patient(alma, name="Zoë Müller", identifier="M-42")

    assert found(text, alma) == []


@pytest.mark.parametrize("text", [DIGITS, DIGITS[0]])
def test_the_digits_of_a_hash_are_no_search(alma, text):
    with pytest.raises(InvalidError):
        found(text, seal_names(alma, "name", "identifier"))


def test_no_readable_word_of_a_sealed_name_is_kept_to_search(alma):
    alma = seal_names(alma, "name")
    patient = a_patient(alma, name="Zoë Müller", identifier="M-42")

    search, sort = index_of(patient)

    *hashes, plain = search.split()
    assert plain == "m-42"
    assert all(len(word) == LENGTH and not word.strip(DIGITS) for word in hashes)
    assert sort == ""


def test_the_same_word_has_another_hash_in_another_clinic(alma, boris):
    ours = index_of(a_patient(seal_names(alma, "name"), name="Zoë", identifier="1"))
    theirs = index_of(a_patient(seal_names(boris, "name"), name="Zoë", identifier="1"))

    assert ours != theirs


def test_patients_with_sealed_names_come_newest_first(alma):
    alma = seal_names(alma, "name")
    for name in ("Anna Ek", "Östen Berg", "Bo Ask"):
        a_patient(alma, name=name)

    assert found("", alma) == ["Bo Ask", "Östen Berg", "Anna Ek"]


def test_changing_the_marks_makes_every_index_anew(alma):
    patient = a_patient(alma, name="Zoë Müller", identifier="M-42")
    plain = index_of(patient)

    sealed = seal_names(alma, "identifier", "name")
    assert found("mull", sealed) == []
    assert found("muller", sealed) == ["Zoë Müller"]
    assert "muller" not in index_of(patient)[0]

    opened = seal_names(alma)
    assert found("mull", opened) == ["Zoë Müller"]
    assert index_of(patient) == plain


def test_more_patients_than_are_indexed_at_once_are_all_indexed(alma, monkeypatch):
    monkeypatch.setattr("app.services.patients_index.AT_ONCE", 2)
    for number in range(5):
        a_patient(alma, name="Zoë Müller", identifier=f"M-{number}")

    alma = seal_names(alma, "name")

    assert (len(found("muller", alma)), found("mull", alma)) == (5, [])


def test_whoever_still_believes_that_names_are_plain_seals_them_all_the_same(alma):
    stale = alma  # read before an administrator marked the names
    seal_names(alma, "name")

    patient = a_patient(stale, name="Zoë Müller", identifier="M-42")

    assert "muller" not in index_of(patient)[0]


def test_marks_that_change_while_patients_are_added_leave_no_readable_name(app, alma):
    def add(number):
        with app.app_context():
            a_patient(alma, name=f"Zoë Müller{number}", identifier=f"M-{number}")

    with ThreadPoolExecutor(4) as pool:
        added = [pool.submit(add, number) for number in range(12)]
        seal_names(alma, "name")
        for one in added:
            one.result()

    texts = [row[0] for row in stored(app, select(Patient.search_text))]
    assert len(texts) == 12
    assert not [text for text in texts if "muller" in text]


@pytest.mark.parametrize("marks", [(), *MARKS])
def test_the_history_finds_sealed_patients_as_the_list_does(alma, marks):
    alma = seal_names(alma, *marks)
    program = an_issued_program(alma, patient=a_screened_patient(alma, name="Zoë Müller", identifier="M-42"))

    def issued(text):
        return [one.id for one in history.find(filters=HistoryFilters(text=text), page=1, by=alma, at=now()).items]

    assert issued("muller") == issued(f"m-42 {program.number[:5]}") == [program.id]
    assert issued("lund") == []


@pytest.mark.parametrize("marks", [(), ("identifier",)])
@pytest.mark.parametrize("other", ["M-42", "m-42", " M-42 "])
def test_one_record_number_is_one_patient_whatever_is_sealed(alma, marks, other):
    alma = seal_names(alma, *marks)
    a_patient(alma, identifier="M-42")

    with pytest.raises(InvalidError) as refusal:
        patients.add(facts=PatientFacts(name="Somebody Else", identifier=other), by=alma, at=now())

    assert list(refusal.value.errors) == ["identifier"]
