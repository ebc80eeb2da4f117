"""New keys for what is stored, while the clinics go on working.

First the data keys of each clinic are wrapped under the newest master key, and the clinic gets a new data key for what
is written from then on. Then all that may change is sealed under the new data key, some rows at a time. What can never
change, such as an issued program, keeps its data key. Killed at any point, it goes on from there when called again.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, lazyload

from app.database import db, unit_of_work
from app.keyring import KEY_LENGTH
from app.models import Action, AuditEvent, DataKey, User
from app.models.sealed import DATA_KEYS, UnsealableError, head, sealed_in
from app.models.sealed_tables import CHANGEABLE, Model
from app.scope import INSTALLATION
from app.services import audit, keys
from app.services.integrity import clinic_ids

AT_ONCE = 100
"""Rows that are held at a time: the clinic waits for one transaction at most."""
OPERATOR = "operator"
"""Who acts from the command line, in the trail."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What was done."""

    clinics: int
    """Clinics that got a new data key."""
    rows: int
    """Rows that were sealed again."""
    damaged: tuple[str, ...]
    """Rows that can't be opened and were left as they are: "patient 7d5e…"."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What the installation still rests on."""

    fields: Mapping[int, int]
    """Number of a master key to how many data keys are wrapped under it."""
    audit: Mapping[int, int]
    """Number of an audit key to how many rows of the trail it made."""
    stale: int
    """Rows that may change, and are under an older data key than their clinic's newest."""


def renew(*, at: datetime) -> Renewal:
    """Bring everything under the newest master key. Raises KeyringError when an older one that is needed is lost."""
    clinics, rows, damaged = 0, 0, []
    DATA_KEYS.forget()  # what counts is what the database has now
    for clinic_id in clinic_ids():
        clinics += _wrap_again(clinic_id, at=at)
        for model in CHANGEABLE:
            for row_id, is_well in _seal_again(model, clinic_id):
                rows += is_well
                damaged += [] if is_well else [f"{model.__tablename__} {row_id}"]
    return Renewal(clinics, rows, tuple(damaged))


def needed() -> Needed:
    """Which master keys are still needed, and whether all is renewed. Raises KeyringError when one of them is lost."""
    DATA_KEYS.forget()
    with unit_of_work(INSTALLATION) as session:
        fields = _counted(session, DataKey.master_number)
        chained = _counted(session, AuditEvent.key_number)
    chained.pop(0, None)  # from before there was a chain
    for number in chained:
        keys.keyring().key("audit", number)
    return Needed(fields, chained, sum(_stale(clinic_id) for clinic_id in clinic_ids()))


def reload_data_keys(clinic_id: str) -> None:
    """Look again for the clinic's data keys: a value is under one that this process has never met."""
    open_session = db.session()
    if open_session.info.get("in_unit_of_work"):
        keys.load(open_session, clinic_id)
        return
    with unit_of_work(clinic_id) as session:
        keys.load(session, clinic_id)


def _wrap_again(clinic_id: str, *, at: datetime) -> bool:
    """One transaction: the new data key is there exactly when all the others are wrapped anew."""
    master = keys.keyring().newest("fields")
    query = select(DataKey).where(DataKey.clinic_id == clinic_id).order_by(DataKey.number).with_for_update()
    with unit_of_work(clinic_id) as session:
        rows = session.scalars(query.execution_options(populate_existing=True)).all()
        old = [row for row in rows if row.master_number != master]
        if not old:
            return False
        for row in old:
            key = keys.unwrapped(row.wrapped, row.master_number, clinic_id, row.number)
            row.wrapped, row.master_number = keys.wrapped_under(master, key, clinic_id, row.number), master
        session.add(keys.a_key(secrets.token_bytes(KEY_LENGTH), clinic_id, rows[-1].number + 1, at))
        audit.record(session, Action.KEYS_RENEWED, by=operator_of(clinic_id), at=at, object_id=clinic_id)
    DATA_KEYS.forget(clinic_id)
    return True


def operator_of(clinic_id: str) -> User:
    """Whoever looks after the service, as the clinic's trail names them. No row of any table."""
    return User(id=OPERATOR, clinic_id=clinic_id, roles_text=OPERATOR)


def _seal_again(model: Model, clinic_id: str) -> Iterator[tuple[str, bool]]:
    """Ids of the rows that were under an older key, and whether they could be opened."""
    last, done = "", False
    while not done:
        with unit_of_work(clinic_id) as session:
            query = select(model).where(model.clinic_id == clinic_id, model.id > last, is_stale(model, clinic_id))
            found = session.scalars(
                query.order_by(model.id)
                .limit(AT_ONCE)
                .with_for_update(of=model)
                .options(lazyload("*"))
                .execution_options(populate_existing=True)
            ).all()
            results = [(row.id, _renewed(row)) for row in found]
        yield from results
        done = len(results) < AT_ONCE
        last = last if done else results[-1][0]


def _renewed(row: Any) -> bool:  # noqa: ANN401 - a row of any of the tables
    try:
        for attribute in sealed_in(type(row)).values():
            attribute.renew(row)
    except UnsealableError:
        return False
    return True


def is_stale(model: Model, clinic_id: str) -> ColumnElement[bool]:
    """For a statement: something in the row is not under the clinic's newest data key."""
    newest = head(clinic_id)
    columns = [getattr(model, name) for name in sealed_in(model)]
    return or_(*(and_(column.is_not(None), func.substr(column, 1, len(newest)) != newest) for column in columns))


def _stale(clinic_id: str) -> int:
    with unit_of_work(clinic_id) as session:
        counts = [
            select(func.count()).select_from(model).where(model.clinic_id == clinic_id, is_stale(model, clinic_id))
            for model in CHANGEABLE
        ]
        return sum(session.scalar(query) or 0 for query in counts)


def _counted(session: Session, column: Any) -> dict[int, int]:  # noqa: ANN401 - a mapped column
    return {row[0]: row[1] for row in session.execute(select(column, func.count()).group_by(column))}
