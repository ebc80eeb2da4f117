"""The tables. Importing this package registers all of them with the metadata."""

from app.models.audit import Action, AuditEvent
from app.models.base import Base
from app.models.clinic import Clinic
from app.models.draft import Draft
from app.models.patient import Patient
from app.models.program import IssuedProgram, Withdrawal
from app.models.screening import Screening
from app.models.user import ApiToken, AuthSession, Role, User

__all__ = [
    "Action",
    "ApiToken",
    "AuditEvent",
    "AuthSession",
    "Base",
    "Clinic",
    "Draft",
    "IssuedProgram",
    "Patient",
    "Role",
    "Screening",
    "User",
    "Withdrawal",
]
