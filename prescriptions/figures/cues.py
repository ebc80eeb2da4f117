"""What the reader is to notice: where it is felt, and what moves which way."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from prescriptions.figures import body
from prescriptions.figures.figure import Arrow, Target
from prescriptions.figures.ink import Curve, Mark, Trace, through
from prescriptions.figures.pose import Leg, Point, Skeleton, direction

ACCENT = "#e2540b"
ARROW = "#111"
BAND = 0.033
HATCH = 0.008
INSIDE = 0.019
"""How far the middle of the band lies inside the outline of the leg."""
ARROW_WIDTH = 0.016
ARROW_HEAD = 0.052
STEPS = 24

Way = Callable[[float], Skeleton]
"""The skeleton at each share (0 to 1) of the way between two positions."""


def target(leg: Leg, area: Target) -> Iterator[Mark]:
    """A broad band along the back of the leg, hatched so that it needs no colour."""
    points = band(leg, area)
    yield Mark("#fff", (through(points),), BAND + 0.012)
    yield Mark(ACCENT, (through(points),), BAND)
    yield Mark("#fff", tuple(_hatches(points)), HATCH)


def band(leg: Leg, area: Target) -> tuple[Point, ...]:
    """The middle line of the target area, just inside the back of the leg from thigh to calf."""
    thigh, shank = leg.knee - leg.hip, leg.ankle - leg.knee
    bend = direction(direction(thigh) + direction(shank)) * -1j
    above = (1 - area.thigh, 1 - 0.5 * area.thigh)
    return (
        *(leg.hip + share * thigh + _inside(body.THIGH_BACK, share, thigh) for share in above),
        leg.knee + (body.KNEE_BACK - INSIDE / 2) * bend,
        *(leg.knee + share * shank + _inside(body.SHANK_BACK, share, shank) for share in (area.calf / 2, area.calf)),
    )


def _inside(profile: body.Profile, share: float, limb: Point) -> Point:
    return (body.depth(profile, share) - INSIDE) * direction(limb) * -1j


def _hatches(points: tuple[Point, ...]) -> Iterator[Trace]:
    reach = (BAND / 2) * 0.9
    for start, end in pairwise(points):
        along = direction(end - start)
        count = max(1, round(abs(end - start) / 0.03))
        for step in range(count):
            middle = start + (end - start) * (step + 0.5) / count
            slant = (along * 1j + along * 0.6) * reach
            yield Trace((middle - slant, middle + slant))


def moves(way_of: Way, cue: Arrow) -> bool:
    """Whether there is a way for the arrow to follow."""
    return abs(joint(way_of(1), cue.follow) - joint(way_of(0), cue.follow)) > 2 * ARROW_HEAD / 3


def arrow(way_of: Way, cue: Arrow) -> Iterator[Mark]:
    """The way of one joint between two poses, moved aside so that it does not cover it."""
    path = way(way_of, cue)
    tip, back = path[-1], path[-3]
    ahead = direction(tip - back)
    third = sum(abs(b - a) for a, b in pairwise(path[:-2])) / 3
    line = Curve(path[0], ((path[0] + third * direction(path[1] - path[0]), back - third * ahead, back),))
    wing = ARROW_HEAD * 0.55 * ahead * 1j
    foot = tip - ARROW_HEAD * ahead
    yield Mark(ARROW, (line,), ARROW_WIDTH)
    yield Mark(ARROW, (Trace((tip, foot + wing, foot - wing), closed=True),))


def way(way_of: Way, cue: Arrow) -> list[Point]:
    """Points along the arrow, evenly in joint angle, the last ``longest`` of the way at most."""
    points = [joint(way_of(step / STEPS), cue.follow) for step in range(STEPS + 1)]
    aside = [
        point + cue.clear * 1j * direction(points[min(i + 1, STEPS)] - points[max(i - 1, 0)])
        for i, point in enumerate(points)
    ]
    length, start = 0.0, STEPS
    while start and length < cue.longest:
        length += abs(aside[start] - aside[start - 1])
        start -= 1
    return _evenly(aside[start:])


def _evenly(points: list[Point], count: int = 17) -> list[Point]:
    """As many points at equal steps of index, so that a short way still makes a smooth line."""
    last = len(points) - 1
    even = []
    for step in range(count):
        index = step * last / (count - 1)
        low = min(int(index), last - 1)
        even.append(points[low] + (points[low + 1] - points[low]) * (index - low))
    return even


def joint(bones: Skeleton, name: str) -> Point:
    """The point of the figure an arrow may follow."""
    leg = bones.near_leg
    points = {
        "near toes": leg.toes,
        "near heel": leg.heel,
        "near knee": leg.knee,
        "near hand": bones.near_arm.grip,
        "shoulder": bones.shoulder,
        "crown": bones.head + body.HEAD_HEIGHT / 2 * bones.crown_ward,
        "face": bones.head + body.HEAD_DEPTH / 2 * bones.face_ward,
    }
    return points[name]
