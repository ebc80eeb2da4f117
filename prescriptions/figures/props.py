"""The things around the figure: line art, so that the body stands out."""

from collections.abc import Iterator

from prescriptions.figures import body
from prescriptions.figures.figure import Figure, Prop
from prescriptions.figures.ink import Curve, Mark, Trace, through
from prescriptions.figures.pose import Leg, Point, Skeleton

LINE = "#6b7785"
PALE = "#dbe2e8"
STRAP = "#2f2f2f"
STROKE = 0.012
MAT = 0.026
SEAT = 0.024
LEG = 0.02


def beneath(figure: Figure) -> Iterator[Mark]:
    """Everything the figure lies, sits or stands on."""
    for prop in figure.props:
        if prop.kind == "floor":
            yield Mark(
                LINE, (Trace((complex(prop.x, -STROKE / 2), complex(prop.x + prop.width, -STROKE / 2))),), STROKE
            )
        elif prop.kind == "mat":
            yield from _box(prop.x, prop.x + prop.width, -MAT, -STROKE / 2)
        elif prop.kind == "step":
            yield from _box(prop.x, prop.x + prop.width, STROKE / 2, prop.height - STROKE / 2)
        elif prop.kind == "chair":
            yield from _chair(prop)


def strap_behind(bones: Skeleton) -> Iterator[Mark]:
    """The strand on the far side of the foot."""
    yield Mark(STRAP, (Trace((bones.far_arm.grip, bones.near_leg.ball)),), STROKE)


def strap_in_front(bones: Skeleton) -> Iterator[Mark]:
    """The strand on the near side, the piece under the sole, and the tail that hangs out of the hand."""
    leg, hand = bones.near_leg, bones.near_arm.grip
    yield Mark(STRAP, (Trace((leg.ball, hand)), _tail(hand)), STROKE)
    yield Mark(STRAP, (sole_piece(leg),), STROKE * 1.7)


def sole_piece(leg: Leg) -> Trace:
    """Where the strap crosses the ball of the foot."""
    half = 0.02 * leg.toe_ward
    below = 0.004 * leg.sole_ward
    return Trace((leg.ball - half + below, leg.ball + half + below))


def _tail(hand: Point) -> Curve:
    return through((hand, hand + complex(-0.05, -0.015), hand + complex(-0.06, -0.09)))


def _box(left: float, right: float, bottom: float, top: float) -> Iterator[Mark]:
    corners = (complex(left, bottom), complex(right, bottom), complex(right, top), complex(left, top))
    yield Mark(LINE, (Trace(corners, closed=True),), STROKE, PALE)


def _chair(prop: Prop) -> Iterator[Mark]:
    """Seat, two legs and a back rest that leans a little, behind a figure that faces +x."""
    left, right, top = prop.x, prop.x + prop.width, prop.height
    legs = (
        Trace((complex(left + 0.02, top - SEAT), complex(left, LEG / 2))),
        Trace((complex(right - 0.02, top - SEAT), complex(right, LEG / 2))),
        Trace((complex(left, top - SEAT / 2), complex(left - 0.035, top + 0.3))),
    )
    yield Mark(LINE, legs, LEG)
    yield from _box(left - 0.01, right + 0.01, top - SEAT, top - STROKE / 2)


def pillow(bones: Skeleton) -> Iterator[Mark]:
    """As thick as the gap between the floor and the head."""
    below = bones.head + complex(0, -body.HEAD_DEPTH / 2)
    half, top = 0.085, max(below.imag, STROKE)
    left, right = complex(below.real - half, STROKE / 2), complex(below.real + half, STROKE / 2)
    rise = complex(0, top * 1.35)
    shape = Curve(left, ((left + rise, right + rise, right),), closed=True)
    yield Mark(LINE, (shape,), STROKE, PALE)
