"""What a handout says of one exercise."""

from dataclasses import dataclass

from prescriptions import figures, wording
from prescriptions.catalogue import Exercise, Pack, Sourced
from prescriptions.program import Item, Program


@dataclass(frozen=True, slots=True)
class Sheet:
    """One exercise as the patient reads it."""

    exercise: str
    """The catalogue's id."""
    title: str
    """Number and plain name: "Exercise 1: Leg stretch on your back"."""
    side: str
    """"Left leg", "Right leg", "Each leg" or "Both legs together"."""
    purpose: Sourced
    needs: tuple[Sourced, ...]
    """What to have at hand."""
    dose: tuple[Sourced, ...]
    picture: str
    """One inline SVG, mirrored for the prescribed leg."""
    picture_text: str
    """The same in words, for those who can't see it."""
    picture_source: tuple[str, ...]
    caption: tuple[str, ...]
    """How to read the picture; printed below it."""
    steps: tuple[Sourced, ...]
    feel: tuple[Sourced, ...]
    not_felt: tuple[Sourced, ...]
    avoid: tuple[Sourced, ...]
    note: str
    """The therapist's own words, or empty."""


def sheets(program: Program, pack: Pack) -> tuple[Sheet, ...]:
    """One for each item, in order; each exercise must be one of the pack's."""
    return tuple(
        _sheet(number, item, pack.exercises[item.exercise], program, pack)
        for number, item in enumerate(program.items, start=1)
    )


def _sheet(number: int, item: Item, exercise: Exercise, program: Program, pack: Pack) -> Sheet:
    side = wording.side(exercise, item)
    dose = (*wording.dose(exercise, item), *_own_frequency(item, program, pack))
    said = {line.text for line in dose}
    return Sheet(
        exercise=exercise.id,
        title=f"{number}. {exercise.plain_name}",
        side=wording.SIDE_TITLES[side],
        purpose=exercise.purpose,
        needs=tuple(wording.need(need) for need in exercise.needs),
        dose=dose,
        picture=figures.draw(exercise.figure, side),
        picture_text=figures.describe(exercise.figure, side),
        picture_source=exercise.figure_source,
        caption=wording.caption(side),
        steps=exercise.steps,
        feel=exercise.feel,
        not_felt=exercise.not_felt,
        avoid=tuple(line for line in exercise.avoid if line.text not in said),
        note=item.note or "",
    )


def _own_frequency(item: Item, program: Program, pack: Pack) -> tuple[Sourced, ...]:
    if item.sessions_per_week in {None, program.sessions_per_week}:
        return ()
    return (Sourced(wording.own_frequency(item.sessions_per_week), pack.frequency.source),)
