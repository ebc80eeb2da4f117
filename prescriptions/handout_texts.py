"""The handout's sentences that belong to no single exercise, each with its source. Pure functions."""

from prescriptions import wording
from prescriptions.catalogue import Pack, Question, Sourced
from prescriptions.check import check
from prescriptions.program import Program


def warm_up(program: Program, pack: Pack) -> tuple[Sourced, ...]:
    if program.warm_up is None:
        return ()
    return (Sourced(wording.warm_up(program.warm_up), pack.warm_up_minutes.source), *pack.education.warm_up)


def schedule(program: Program, pack: Pack) -> tuple[Sourced, ...]:
    minutes = check(program, pack).session_minutes
    length = (wording.session_length(minutes),) if minutes else ()
    return (
        *_often(program, pack),
        *(Sourced(text, ()) for text in (*length, *wording.period(program.starts_on, program.weeks))),
        *(pack.education.timing[timing] for timing in program.timing),
        *pack.education.routine,
    )


def _often(program: Program, pack: Pack) -> tuple[Sourced, ...]:
    if program.sessions_per_week is None:
        return ()
    return (Sourced(wording.frequency(program.sessions_per_week, program.weeks), pack.frequency.source),)


def _concerns(kinds: tuple[str, ...], program: Program, pack: Pack) -> bool:
    """Whether a text for these kinds of exercise has its place in this program; a text for none is for all."""
    return not kinds or any(pack.exercises[item.exercise].kind in kinds for item in program.items)


def questions(program: Program, pack: Pack) -> tuple[Question, ...]:
    return tuple(question for question in pack.education.questions if _concerns(question.kinds, program, pack))


def sources(pack: Pack) -> tuple[str, ...]:
    return (
        f"Based on {pack.document}.",
        f"Catalogue {pack.id}, version {pack.version}.",
        f"Reviewed on {wording.day(pack.reviewed_on)}. Next review by {wording.day(pack.review_by)}.",
    )


def principles(program: Program, pack: Pack) -> tuple[Sourced, ...]:
    """What holds for every exercise of this program."""
    return tuple(
        Sourced(one.text, one.source) for one in pack.education.principles if _concerns(one.kinds, program, pack)
    )
