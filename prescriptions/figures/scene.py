"""What is drawn of a figure at one moment, back to front, and the frame that holds all of its moments."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from prescriptions.errors import PackError
from prescriptions.figures import cues, person, props
from prescriptions.figures.figure import BOTH_LEGS, Figure
from prescriptions.figures.ink import Mark, Pen
from prescriptions.figures.pose import Skeleton, skeleton
from prescriptions.figures.solve import between, settle

MARGIN = 0.035


@dataclass(frozen=True, slots=True)
class Frame:
    """The room for one position: as large for each, so that positions differ in nothing but the pose."""

    low: float
    bottom: float
    high: float
    top: float

    @property
    def width(self) -> float:
        """With a margin on either side."""
        return self.high - self.low + 2 * MARGIN

    @property
    def height(self) -> float:
        """With a margin above and below."""
        return self.top - self.bottom + 2 * MARGIN

    def pen(self, column: int, *, mirrored: bool) -> Pen:
        """Writes into one of several frames side by side."""
        inside = self.high if mirrored else -self.low
        return Pen(column * self.width + MARGIN + inside, self.top + MARGIN, mirrored=mirrored)


def frame_of(marks: Iterable[Mark]) -> Frame:
    """As large as everything drawn."""
    discs = [disc for mark in marks for disc in mark.discs()]
    return Frame(
        min(centre.real - radius for centre, radius in discs),
        min(centre.imag - radius for centre, radius in discs),
        max(centre.real + radius for centre, radius in discs),
        max(centre.imag + radius for centre, radius in discs),
    )


def panels_of(figure: Figure) -> list[list[Mark]]:
    """The marks of each position, for a figure that faces right; PackError where an arrow has nothing to follow."""
    panels = []
    for index, position in enumerate(figure.positions):
        bones = skeleton(settle(figure, index))
        panels.append([*scene(figure, bones), *(felt(figure, bones) if position.felt else ()), *ahead(figure, bones)])
    for index in range(1, len(panels)):
        way = partial(bones_between, figure, index - 1, index)
        for count, cue in enumerate(figure.positions[index].arrows):
            if not cues.moves(way, cue):
                where = f"positions[{index}].arrows[{count}].follow"
                raise PackError(figure.file, where, f"{cue.follow} does not move")
            panels[index] += cues.arrow(way, cue)
    return panels


def bones_between(figure: Figure, before: int, after: int, share: float) -> Skeleton:
    """Where the joints are ``share`` of the way between two positions."""
    return skeleton(between(figure, before, after, share))


def scene(figure: Figure, bones: Skeleton) -> list[Mark]:
    """Everything behind the target area."""
    strap, pillow = figure.prop("strap") is not None, figure.prop("pillow") is not None
    halo, leg = person.near_leg(bones)
    return [
        *(props.pillow(bones) if pillow else ()),
        *(props.strap_behind(bones) if strap else ()),
        *person.far_limbs(bones, works=figure.works == BOTH_LEGS, grips=strap),
        *person.trunk(bones),
        *person.head(bones),
        *halo,
        *props.beneath(figure),
        *leg,
    ]


def felt(figure: Figure, bones: Skeleton) -> list[Mark]:
    """The target area."""
    return list(cues.target(bones.near_leg, figure.target))


def ahead(figure: Figure, bones: Skeleton) -> list[Mark]:
    """Everything before the target area."""
    strap = figure.prop("strap") is not None
    halo, arm = person.near_arm(bones, grips=strap)
    return [*halo, *(props.strap_in_front(bones) if strap else ()), *arm]
