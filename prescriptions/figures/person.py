"""The figure itself, in flat colours that stay apart in grey: near limbs dark with a white halo, far limbs light."""

from collections.abc import Iterable, Iterator

from prescriptions.figures import body
from prescriptions.figures.ink import Capsule, Circle, Curve, Mark, Shape, around
from prescriptions.figures.pose import Arm, Leg, Point, Skeleton, direction

NEAR, FAR = "#17324d", "#7f95ad"
SHIRT, SLEEVE = "#2f7d77", "#1e5853"
SKIN, FAR_SKIN = "#bf7c50", "#b68a70"
HAIR = "#33261f"
HALO, ARM_HALO = 0.011, 0.009

# Outlines as (along, across), counter-clockwise for a figure that faces +x. Along is up the trunk, or towards the toes.
HIPS = (
    (0.05, -0.054),
    (0.053, 0),
    (0.05, 0.06),
    (0, body.PELVIS_BACK + body.PELVIS_RADIUS),
    (-0.04, 0.056),
    (-body.PELVIS_RADIUS, body.PELVIS_BACK),
    (-0.042, -0.026),
)
TRUNK = (
    (0.035, -0.052),
    (0.1, -0.057),
    (0.2, -0.063),
    (0.27, -0.046),
    (0.312, -0.022),
    (0.326, 0.018),
    (0.305, 0.048),
    (0.255, 0.071),
    (0.19, 0.075),
    (0.1, 0.064),
    (0.035, 0.062),
    (0.02, 0),
)
FOOT = (
    (0.02, -0.03),
    (-0.019, -0.03),
    (-0.026, 0),
    (-0.038, 0.017),
    (-0.014, 0.039),
    (0.026, 0.035),
    (0.066, 0.039),
    (0.1, 0.039),
    (0.1135, 0.027),
    (0.098, 0.013),
    (0.045, 0.0),
)
# In half heights of the head towards the crown and half depths towards the face.
FACE = (
    (0.62, 0.8),
    (0.98, 0.2),
    (0.9, -0.5),
    (0.3, -0.98),
    (-0.3, -0.85),
    (-0.66, -0.3),
    (-0.98, 0.42),
    (-0.96, 0.7),
    (-0.7, 0.8),
    (-0.44, 0.86),
    (-0.34, 0.88),
    (-0.24, 1.12),
    (0.08, 0.92),
    (0.3, 0.94),
)
HAIRLINE = (
    (0.5, 0.9),
    (0.9, 0.72),
    (1.1, 0.1),
    (0.95, -0.66),
    (0.4, -1.08),
    (-0.25, -1.0),
    (-0.62, -0.66),
    (-0.3, -0.36),
    (0.02, -0.2),
    (0.3, 0.12),
    (0.44, 0.5),
)


def far_limbs(bones: Skeleton, *, works: bool, grips: bool) -> Iterator[Mark]:
    """Behind the trunk. A leg that ``works`` like the near one is as dark."""
    yield Mark(FAR_SKIN, (*_arm(bones.far_arm, grips=grips), _foot(bones.far_leg)))
    yield Mark(NEAR if works else FAR, (_leg(bones.far_leg),))


def trunk(bones: Skeleton) -> Iterator[Mark]:
    """Neck and shirt, with the far sleeve; the hips belong to the near leg's trousers."""
    axis = direction(bones.shoulder - bones.hip)
    throat = bones.neck + 0.02 * bones.crown_ward
    base = bones.shoulder - 0.01 * axis + 0.002 * bones.back_ward
    yield Mark(SKIN, (Capsule(base, body.NECK_RADIUS * 1.15, throat, body.NECK_RADIUS),))
    yield Mark(SHIRT, (_sleeve(bones.far_arm), _around(bones.hip, axis, bones.back_ward, TRUNK)))


def head(bones: Skeleton) -> Iterator[Mark]:
    """A face in profile, hair on the crown and the back of it, an eye and an ear."""
    high, deep = body.HEAD_HEIGHT / 2 * bones.crown_ward, body.HEAD_DEPTH / 2 * bones.face_ward
    yield Mark(SKIN, (_around(bones.head, high, deep, FACE),))
    eye = Circle(bones.head + 0.56 * deep + 0.06 * high, 0.0065)
    yield Mark(HAIR, (_around(bones.head, high, deep, HAIRLINE), eye))
    yield Mark(SKIN, (Circle(bones.head - 0.2 * deep - 0.14 * high, 0.012),))


def near_leg(bones: Skeleton) -> tuple[list[Mark], list[Mark]]:
    """The halo, and the leg that works together with the hips. Between the two go the things it touches."""
    hips = _around(bones.hip, direction(bones.shoulder - bones.hip), bones.back_ward, HIPS)
    foot, leg = _foot(bones.near_leg), (hips, _leg(bones.near_leg))
    return [_halo((foot, *leg), HALO)], [Mark(SKIN, (foot,)), Mark(NEAR, leg)]


def near_arm(bones: Skeleton, *, grips: bool) -> tuple[list[Mark], list[Mark]]:
    """The halo, and the arm with a short sleeve, which is darker than the shirt and so needs none."""
    limb = _arm(bones.near_arm, grips=grips)
    return [_halo(limb, ARM_HALO)], [Mark(SKIN, limb), Mark(SLEEVE, (_sleeve(bones.near_arm),))]


def _sleeve(arm: Arm) -> Shape:
    upper = direction(arm.elbow - arm.shoulder)
    across = upper * 1j
    outline = (
        arm.shoulder + 0.095 * upper - 0.034 * across,
        arm.shoulder + 0.095 * upper + 0.034 * across,
        arm.shoulder + 0.03 * upper + 0.039 * across,
        arm.shoulder - 0.022 * upper + 0.028 * across,
        arm.shoulder - 0.034 * upper,
        arm.shoulder - 0.022 * upper - 0.028 * across,
        arm.shoulder + 0.03 * upper - 0.039 * across,
    )
    return around(outline)


def _halo(shapes: tuple[Shape, ...], width: float) -> Mark:
    return Mark("#fff", shapes, 2 * width)


def _around(origin: Point, along: Point, across: Point, outline: Iterable[tuple[float, float]]) -> Curve:
    return around([origin + a * along + b * across for a, b in outline])


def _leg(leg: Leg) -> Shape:
    """One outline from the hip to above the ankle, as deep as the body is there, and round over a bent knee."""
    thigh, shank = leg.knee - leg.hip, leg.ankle - leg.knee
    fore = direction(direction(thigh) + direction(shank)) * 1j
    return around(
        [
            leg.hip - 0.05 * direction(thigh),
            *_side(leg.hip, thigh, body.THIGH_BACK[:-1], -1j),
            leg.knee - body.KNEE_BACK * fore,
            *_side(leg.knee, shank, body.SHANK_BACK[1:], -1j),
            *reversed(_side(leg.knee, shank, body.SHANK_FRONT[1:], 1j)),
            leg.knee + body.KNEE_FRONT * fore,
            *reversed(_side(leg.hip, thigh, body.THIGH_FRONT[:-1], 1j)),
        ]
    )


def _side(start: Point, way: Point, profile: body.Profile, turn: Point) -> list[Point]:
    return [start + share * way + depth * turn * direction(way) for share, depth in profile]


def _foot(leg: Leg) -> Shape:
    return _around(leg.ankle, leg.toe_ward, leg.sole_ward, FOOT)


def _arm(arm: Arm, *, grips: bool) -> tuple[Shape, ...]:
    upper, fore = arm.elbow - arm.shoulder, arm.wrist - arm.elbow
    belly = arm.elbow + 0.28 * fore
    return (
        Capsule(arm.shoulder + 0.4 * upper, body.UPPER_ARM_RADIUS, arm.elbow, body.ELBOW_RADIUS),
        Capsule(arm.elbow, body.ELBOW_RADIUS, belly, body.ELBOW_RADIUS + 0.001),
        Capsule(belly, body.ELBOW_RADIUS + 0.001, arm.wrist, body.WRIST_RADIUS),
        *(_fist(arm) if grips else _flat_hand(arm)),
    )


def _fist(arm: Arm) -> tuple[Shape, ...]:
    fingers = arm.hand_ward
    return (Capsule(arm.wrist + 0.024 * fingers, 0.021, arm.grip + 0.01 * fingers, 0.025),)


def _flat_hand(arm: Arm) -> tuple[Shape, ...]:
    fingers = arm.hand_ward
    tip = arm.wrist + (body.HAND - 0.009) * fingers
    knuckles = arm.wrist + 0.05 * fingers
    return (
        Capsule(arm.wrist, body.WRIST_RADIUS, knuckles, 0.0165),
        Capsule(knuckles, 0.0165, tip, 0.009),
    )
