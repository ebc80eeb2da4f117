"""The tables. Importing this package registers all of them with the metadata."""

from app.models.audit import Action, AuditEvent, AuditHead
from app.models.base import Base
from app.models.clinic import Clinic, DataKey
from app.models.draft import Draft
from app.models.patient import CareTeamMember, EmergencyAccess, Patient
from app.models.program import IssuedProgram, Withdrawal
from app.models.screening import Screening
from app.models.sign_in import (
    ApiToken,
    AuthSession,
    IdentityProvider,
    OneTimeLink,
    Passkey,
    RateCounter,
    RecoveryCode,
    SignInName,
)
from app.models.user import Role, User

__all__ = [
    "Action",
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "AuthSession",
    "Base",
    "CareTeamMember",
    "Clinic",
    "DataKey",
    "Draft",
    "EmergencyAccess",
    "IdentityProvider",
    "IssuedProgram",
    "OneTimeLink",
    "Passkey",
    "Patient",
    "RateCounter",
    "RecoveryCode",
    "Role",
    "Screening",
    "SignInName",
    "User",
    "Withdrawal",
]
