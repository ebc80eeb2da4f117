"""Patients."""

from http import HTTPStatus
from typing import Any

from flask import url_for

from app.api.blueprint import operation
from app.clock import now
from app.models import Patient
from app.schemas.patients import PatientIn, PatientOut, PatientPage, PatientSearch
from app.schemas.shared import PageQuery
from app.security import current_user
from app.services import patients
from app.services.owned import Page
from app.services.patients import PatientFacts

BODY_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY)


@operation("/patients", tag="patients", query=PageQuery, gives=PatientPage, errors=(HTTPStatus.UNPROCESSABLE_ENTITY,))
def find_patients(query: dict[str, Any]) -> Page[Patient]:
    """Patients of the clinic, by name."""
    return patients.search(text="", page=query["page"], by=current_user(), at=now())


@operation(
    "/patients/search",
    method="POST",
    tag="patients",
    body=PatientSearch,
    gives=PatientPage,
    errors=BODY_REFUSALS,
)
def search_patients(body: dict[str, Any]) -> Page[Patient]:
    """Patients of the clinic whom words find. The words come in the body: addresses are kept by proxies."""
    return patients.search(text=body["text"], page=body["page"], by=current_user(), at=now())


@operation(
    "/patients",
    method="POST",
    tag="patients",
    body=PatientIn,
    gives=PatientOut,
    status=HTTPStatus.CREATED,
    errors=BODY_REFUSALS,
)
def add_patient(body: dict[str, Any]) -> tuple[Patient, dict[str, str]]:
    """Add a patient."""
    patient = patients.add(facts=PatientFacts(**body), by=current_user(), at=now())
    return patient, {"Location": url_for("api.patient", patient_id=patient.id)}


@operation("/patients/<patient_id>", tag="patients", gives=PatientOut, errors=(HTTPStatus.NOT_FOUND,))
def patient(patient_id: str) -> Patient:
    """One patient."""
    return patients.get(patient_id, by=current_user(), at=now())
