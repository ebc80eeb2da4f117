"""Writes the trail. Always inside the caller's unit of work: an act without its event does not happen."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.models import Action, AuditEvent, User


def record(
    session: Session,
    action: Action,
    *,
    by: User,
    at: datetime,
    object_id: str | None = None,
    patient_id: str | None = None,
) -> None:
    """Note one act of ``by``. Ids only."""
    session.add(
        AuditEvent(
            clinic_id=by.clinic_id,
            at=at,
            action=action.value,
            actor_id=by.id,
            actor_role=by.role,
            object_id=object_id,
            patient_id=patient_id,
        )
    )
