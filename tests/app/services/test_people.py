"""Adding clinics, people and tokens from the command line."""

import pytest

from app.clock import now
from app.errors import ConflictError, InvalidError
from app.models import Role
from app.services import people
from prescriptions.brand import Brand
from tests.conftest import PASSWORD, RIVERSIDE


def add_user(clinic, **changes):
    facts = {"email": "new@clinic.example", "name": "Nils New", "roles": [Role.STAFF], "password": PASSWORD}
    return people.add_user(clinic=clinic, at=now(), **(facts | changes))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "eleven char"),
        ("password", "x" * 201),
        ("email", ""),
        ("email", "no address"),
        ("name", ""),
        ("name", "N\u202ew"),
        ("roles", []),
        ("roles", [Role.AUDITOR, Role.STAFF]),
    ],
)
def test_a_person_without_what_it_takes_is_refused_by_field(alma, field, value):
    with pytest.raises(InvalidError) as refusal:
        add_user(alma.clinic, **{field: value})

    assert list(refusal.value.errors) == [field]


def test_one_address_is_one_person(alma):
    with pytest.raises(ConflictError):
        add_user(alma.clinic, email="BORIS@clinic.example")


def test_one_name_is_one_clinic():
    with pytest.raises(ConflictError):
        people.add_clinic(brand=RIVERSIDE, at=now())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"brand": Brand()}, "name"),
        ({"brand": Brand(clinic_name="Hill", paper="a5")}, "paper"),
        ({"brand": Brand(clinic_name="Hill"), "time_zone": "Europe/Atlantis"}, "time_zone"),
    ],
)
def test_a_clinic_without_what_it_takes_is_refused_by_field(changes, field):
    with pytest.raises(InvalidError) as refusal:
        people.add_clinic(at=now(), **changes)

    assert list(refusal.value.errors) == [field]


def test_the_paper_says_what_the_clinic_says(alma):
    assert people.brand_of(alma.clinic) == RIVERSIDE
