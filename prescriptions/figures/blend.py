"""A position on the way between two others: what both say is mixed, and what touches one thing goes on touching it."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from prescriptions.figures.figure import Position


@dataclass(frozen=True, slots=True)
class Between:
    """Two different ways to place the same limb, and how far along from the one to the other."""

    before: Any
    after: Any
    share: float


def blend(before: Position, after: Position, share: float) -> Position:
    """The position ``share`` (0 to 1) of the way. Its words and cues are those of the end it is going to."""

    def mixed(name: str) -> Any:  # noqa: ANN401 - each field has a type of its own
        return mix(getattr(before, name), getattr(after, name), share)

    return Position(
        text=after.text,
        felt=after.felt,
        trunk=mixed("trunk"),
        neck=mixed("neck"),
        head=mixed("head"),
        pelvis=mixed("pelvis"),
        near_leg=mixed("near_leg"),
        far_leg=mixed("far_leg"),
        near_arm=mixed("near_arm"),
        far_arm=mixed("far_arm"),
        arrows=after.arrows,
    )


def mix(before: Any, after: Any, share: float) -> Any:  # noqa: ANN401 - numbers, points, or tables of them
    """Something ``share`` of the way: a number, a table, or a ``Between`` where the two say different things."""
    if before == after or share <= 0:
        return before
    if share >= 1:
        return after
    if isinstance(before, float | int | complex):
        return before + (after - before) * share
    if not _alike(before, after):
        return Between(before, after, share)
    parts = {field.name: (getattr(before, field.name), getattr(after, field.name)) for field in fields(before)}
    return type(before)(**{name: mix(one, other, share) for name, (one, other) in parts.items()})


def _alike(before: object, after: object) -> bool:
    """Whether both are tables of one kind that name the same things."""
    if type(before) is not type(after) or not is_dataclass(before):
        return False
    names = [field.name for field in fields(before) if isinstance(getattr(before, field.name), str)]
    return all(getattr(before, name) == getattr(after, name) for name in names)
