"""Screenings: kept for ever, the newest one counts."""

from datetime import timedelta

import pytest
from flask import current_app

from app.clock import now
from app.errors import NotFoundError
from app.models import Screening
from app.services import screenings
from prescriptions.errors import MalformedError
from tests.builders import a_patient, a_screening, a_screening_document
from tests.records import count


def refused(patient, by, **changes):
    with pytest.raises(MalformedError) as refusal:
        screenings.record(patient.id, document=a_screening_document(**changes), by=by, at=now())
    return refusal.value.errors


def test_a_patient_who_was_not_asked_has_no_screening(alma):
    assert screenings.latest(a_patient(alma).id, by=alma) is None


def test_the_newest_screening_counts_and_the_old_ones_stay(alma):
    patient = a_patient(alma)
    a_screening(patient, alma, at=now() - timedelta(minutes=1), persistent=True)
    newest = a_screening(patient, alma)

    assert screenings.latest(patient.id, by=alma).id == newest.id
    assert len(screenings.history(patient.id, by=alma)) == 2


def test_a_malformed_screening_is_refused_by_path(alma):
    errors = refused(a_patient(alma), alma, legs={"left": {"sensations": ["itch"]}})

    assert list(errors) == ["screening.legs.left.sensations[0]"]


def test_a_screening_of_tomorrow_is_refused(alma):
    tomorrow = (now() + timedelta(days=2)).date().isoformat()

    assert refused(a_patient(alma), alma, date=tomorrow) == {"screening.date": ("Lies in the future.",)}


def test_a_refused_screening_is_not_kept(alma):
    refused(a_patient(alma), alma, date="2026-13-01")

    assert count(current_app, Screening) == 0


@pytest.mark.parametrize("act", [screenings.latest, screenings.history])
def test_a_foreign_patient_has_no_screenings(alma, boris, act):
    patient = a_patient(alma)
    a_screening(patient, alma)

    with pytest.raises(NotFoundError):
        act(patient.id, by=boris)


def test_nobody_screens_a_foreign_patient(alma, boris):
    with pytest.raises(NotFoundError):
        a_screening(a_patient(alma), boris)
