"""How the same handout is set: the layouts, how many exercises share a page, and what to try when there is no room.

Pure: it knows no paper and no font. The paper tries, and tells ``tighter`` what came out on which page.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from prescriptions.errors import UnprintableError

STANDARD, LARGE, COMPACT, CARDS = "standard", "large", "compact", "cards"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to set a handout."""

    label: str
    settings: tuple[str, ...]
    """How an exercise is set, from the roomiest: classes of the style sheet."""
    shared: int = 0
    """So many of the first settings put two exercises on one page."""
    most_exercises: int | None = None
    most_pages: int | None = None


LAYOUTS: Mapping[str, Layout] = {
    STANDARD: Layout("Standard", ("pair", "", "snug", "dense", "dense tight"), shared=1),
    LARGE: Layout("Large print", ("", "beside", "beside tight")),
    COMPACT: Layout(
        "Compact: one sheet, both sides",
        (
            "with-questions",
            "with-contrasts",
            "plain",
            "small diary-last",
            "small",
            "small smallest",
            "small smallest sources-last",
        ),
        most_exercises=4,
        most_pages=2,
    ),
    CARDS: Layout("Cards to cut out", ("snug", "dense", "dense tight")),
}

LONG_NOTES = (70, 280)
"""Characters of a note beyond which the roomiest setting of an exercise, and the one after it, are not worth trying."""

FIRST_COMPACT = (1, 2, 4, 5)
"""Where the compact layout begins, for one exercise and more: what comes before has hardly ever room."""


@dataclass(frozen=True, slots=True)
class Group:
    """Exercises that stay together on a page."""

    numbers: tuple[int, ...]
    """Counted from 1."""
    setting: str


def suitable(layout: str, exercises: int) -> str:
    """The layout, or the standard one where so many exercises have no place in it: a default is no order."""
    most = LAYOUTS[layout].most_exercises
    return STANDARD if most is not None and exercises > most else layout


def problem(layout: str, exercises: int) -> str:
    """Why this layout can't be had, with the way out; empty where it can."""
    if layout not in LAYOUTS:
        return f"There is no layout {layout!r}. Choose {', '.join(LAYOUTS)}."
    most = LAYOUTS[layout].most_exercises
    if most is None or exercises <= most:
        return ""
    return f"The {layout} layout holds {most} exercises, and this program has {exercises}. Print it in another layout."


def no_room(layout: str) -> str:
    """What to say when even the tightest setting needs more pages than the layout has."""
    return (
        f"This program needs more than the {LAYOUTS[layout].most_pages} pages of the {layout} layout. "
        "Shorten its notes, or print it in another layout."
    )


def first_rooms(layout: str, notes: Sequence[str]) -> list[int]:
    """Where to begin: an index into the settings for each exercise."""
    found = LAYOUTS[layout]
    if found.most_pages is not None:
        return [FIRST_COMPACT[min(len(notes), len(FIRST_COMPACT)) - 1]] * len(notes)
    last = len(found.settings) - 1
    return [min(last, _beyond(note) + (found.shared if _beyond(note) else 0)) for note in notes]


def _beyond(note: str) -> int:
    return sum(len(note) > longest for longest in LONG_NOTES)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told besides what to do: left out where a layout has no room for it."""

    diary_last: bool = True
    """After the exercises, not before them."""
    sources_last: bool = True
    contrasts: bool = True
    """Beside an exercise that stands alone in its row there is room for them anyway."""
    questions: bool = True
    purposes: bool = True
    """What each exercise is for, and how to read the pictures."""


def told(layout: str, rooms: Sequence[int]) -> Told:
    """What there is room to tell."""
    if layout != COMPACT or not rooms:
        return Told()
    setting = LAYOUTS[layout].settings[max(rooms)]
    return Told(
        diary_last="small" not in setting or "diary-last" in setting,
        sources_last="sources-last" in setting,
        contrasts=setting.startswith("with-"),
        questions=setting == "with-questions",
        purposes="smallest" not in setting,
    )


def groups(layout: str, rooms: Sequence[int]) -> list[Group]:
    """Which exercises stand together, in order, and how they are set."""
    found, made, at = LAYOUTS[layout], list[Group](), 0
    if found.most_pages is not None:
        return [Group(tuple(range(1, len(rooms) + 1)), found.settings[max(rooms)])] if rooms else []
    while at < len(rooms):
        both = rooms[at : at + 2]
        if found.shared and len(both) > 1 and max(both) < found.shared:
            made.append(Group((at + 1, at + 2), found.settings[max(both)]))
            at += 2
        else:
            made.append(Group((at + 1,), found.settings[max(rooms[at], found.shared)]))
            at += 1
    return made


def tighter(layout: str, rooms: Sequence[int], pages: Sequence[AbstractSet[str]]) -> list[int] | None:
    """The rooms to try next; None when all is well, or when an exercise is longer than a page however it is set.

    ``pages`` are the anchors on each page, in order. Raises UnprintableError when a layout of so many pages has no
    room in any setting.
    """
    if LAYOUTS[layout].most_pages is not None:
        return _on_fewer_pages(layout, rooms, len(pages))
    tried = _without_splits(layout, rooms, pages)
    return None if tried == list(rooms) else tried


def _on_fewer_pages(layout: str, rooms: Sequence[int], pages: int) -> list[int] | None:
    found = LAYOUTS[layout]
    if found.most_pages is None or pages <= found.most_pages:
        return None
    if not rooms or max(rooms) == len(found.settings) - 1:
        raise UnprintableError(no_room(layout))
    return [room + 1 for room in rooms]


def _without_splits(layout: str, rooms: Sequence[int], pages: Sequence[AbstractSet[str]]) -> list[int]:
    found, tried = LAYOUTS[layout], list(rooms)
    last = len(found.settings) - 1
    if rooms and rooms[0] <= found.shared and _leaves_a_gap(pages):
        tried[0] = min(last, found.shared + 1)
    for group in groups(layout, rooms):
        if _is_split(group, pages):
            least = 0 if len(group.numbers) > 1 else found.shared
            room = min(last, 1 + max(least, *(rooms[number - 1] for number in group.numbers)))
            tried[group.numbers[0] - 1 : group.numbers[-1]] = [room] * len(group.numbers)
    return tried


def _leaves_a_gap(pages: Sequence[AbstractSet[str]]) -> bool:
    """Whether page 2 begins with the last of page 1, and nothing follows there."""
    return len(pages) > 1 and "front-end" in pages[1] and "exercise-1" not in pages[1]


def _is_split(group: Group, pages: Sequence[AbstractSet[str]]) -> bool:
    first, last = f"exercise-{group.numbers[0]}", f"exercise-{group.numbers[-1]}-end"
    return any((first in page) != (last in page) for page in pages)
