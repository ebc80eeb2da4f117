"""A clinic: the owner of every other row."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant, new_id


class Clinic(Base):
    """A clinic, with what its paper says about it."""

    __tablename__ = "clinic"
    __table_args__ = (CheckConstraint("paper IN ('a4', 'letter')", name="paper"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    hours: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    paper: Mapped[str] = mapped_column(String(10), default="a4")
    time_zone: Mapped[str] = mapped_column(String(60), default="Europe/London")
    """IANA name: decides which day it is when a program is issued."""
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
