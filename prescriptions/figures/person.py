"""The figure itself, in flat colours that stay apart in grey: near limbs dark with a white halo, far limbs light."""

from collections.abc import Iterator

from prescriptions.figures import body
from prescriptions.figures.ink import Capsule, Circle, Curve, Mark, Shape, ellipse
from prescriptions.figures.pose import Arm, Leg, Skeleton, direction

NEAR, FAR = "#17324d", "#7f95ad"
SHIRT = "#3d8b84"
SKIN, FAR_SKIN = "#a9653d", "#bd8763"
HAIR = "#33261f"
HALO = 0.014


def far_limbs(bones: Skeleton) -> Iterator[Mark]:
    """Behind the trunk."""
    yield Mark(FAR_SKIN, (*_arm(bones.far_arm), *_foot(bones.far_leg)))
    yield Mark(FAR, _leg(bones.far_leg))


def trunk(bones: Skeleton) -> Iterator[Mark]:
    """Trunk, neck and head."""
    back = bones.back_ward
    axis = direction(bones.shoulder - bones.hip)
    pelvis = bones.hip + body.PELVIS_BACK * back
    chest = bones.shoulder + body.CHEST_BACK * back - 0.035 * axis
    waist = bones.hip + 0.11 * axis + 0.004 * back
    yield Mark(
        SKIN, (Capsule(bones.shoulder, body.NECK_RADIUS * 1.1, bones.neck + 0.02 * bones.crown_ward, body.NECK_RADIUS),)
    )
    yield Mark(NEAR, (Capsule(pelvis, body.PELVIS_RADIUS, waist, 0.056),))
    yield Mark(
        SHIRT,
        (
            Capsule(bones.hip + 0.065 * axis + 0.007 * back, 0.06, waist, 0.058),
            Capsule(waist, 0.058, chest, body.CHEST_RADIUS),
            Circle(bones.shoulder - 0.01 * axis, 0.052),
        ),
    )


def head(bones: Skeleton) -> Iterator[Mark]:
    """An oval with a nose, hair on the crown and the back of it, and an ear."""
    up, face, middle = bones.crown_ward, bones.face_ward, bones.head
    high, deep = body.HEAD_HEIGHT / 2 * up, body.HEAD_DEPTH / 2 * face
    nose = middle + 0.97 * deep
    yield Mark(
        SKIN,
        (
            ellipse(middle, high, -deep),
            Curve(
                nose + 0.2 * high,
                (
                    (nose + 0.1 * high + 0.16 * deep, nose - 0.1 * high + 0.36 * deep, nose - 0.2 * high + 0.2 * deep),
                    (nose - 0.26 * high + 0.1 * deep, nose - 0.3 * high, nose - 0.34 * high - 0.1 * deep),
                ),
                closed=True,
            ),
        ),
    )
    yield Mark(HAIR, (_hair(bones),))
    yield Mark(SKIN, (Circle(middle - 0.12 * deep - 0.1 * high, 0.011),))


def _hair(bones: Skeleton) -> Shape:
    high, deep = body.HEAD_HEIGHT / 2 * bones.crown_ward, body.HEAD_DEPTH / 2 * bones.face_ward
    middle = bones.head
    brow = middle + 0.86 * deep + 0.5 * high
    nape = middle - 0.84 * deep - 0.55 * high
    return Curve(
        brow,
        (
            (middle + 0.72 * deep + 1.02 * high, middle - 0.05 * deep + 1.2 * high, middle - 0.5 * deep + 0.98 * high),
            (middle - 1.1 * deep + 0.72 * high, middle - 1.22 * deep - 0.1 * high, nape),
            (middle - 0.5 * deep - 0.5 * high, middle - 0.42 * deep - 0.2 * high, middle - 0.26 * deep + 0.12 * high),
            (middle - 0.1 * deep + 0.4 * high, middle + 0.4 * deep + 0.34 * high, brow),
        ),
        closed=True,
    )


def near_leg(bones: Skeleton) -> Iterator[Mark]:
    """The leg that works."""
    foot, leg = _foot(bones.near_leg), _leg(bones.near_leg)
    yield _halo((*foot, *leg))
    yield Mark(SKIN, foot)
    yield Mark(NEAR, leg)


def near_arm(bones: Skeleton) -> Iterator[Mark]:
    """The near arm with a short sleeve."""
    arm = bones.near_arm
    half = arm.shoulder + 0.48 * (arm.elbow - arm.shoulder)
    sleeve = Capsule(arm.shoulder, body.UPPER_ARM_RADIUS + 0.006, half, body.UPPER_ARM_RADIUS + 0.002)
    yield _halo((*_arm(arm), sleeve))
    yield Mark(SKIN, _arm(arm))
    yield Mark(SHIRT, (sleeve,))


def _halo(shapes: tuple[Shape, ...]) -> Mark:
    return Mark("#fff", shapes, 2 * HALO)


def _leg(leg: Leg) -> tuple[Shape, ...]:
    shank = direction(leg.ankle - leg.knee)
    back = shank * -1j
    return (
        Capsule(leg.hip, body.HIP_RADIUS, leg.knee, body.KNEE_RADIUS),
        Capsule(leg.knee, body.KNEE_RADIUS, leg.ankle - 0.012 * shank, body.ANKLE_RADIUS),
        Capsule(
            leg.knee + 0.05 * shank + 0.006 * back,
            body.CALF_RADIUS,
            leg.knee + 0.11 * shank + 0.008 * back,
            body.CALF_RADIUS - 0.002,
        ),
    )


def _foot(leg: Leg) -> tuple[Shape, ...]:
    return (
        Capsule(leg.heel, body.HEEL_RADIUS, leg.toes, body.TOE_RADIUS),
        Capsule(leg.ankle, body.ANKLE_RADIUS - 0.004, leg.toes, body.TOE_RADIUS),
        Capsule(leg.ankle, body.ANKLE_RADIUS - 0.003, leg.heel, body.HEEL_RADIUS),
    )


def _arm(arm: Arm) -> tuple[Shape, ...]:
    forearm = direction(arm.grip - arm.wrist)
    return (
        Capsule(arm.shoulder, body.UPPER_ARM_RADIUS, arm.elbow, body.ELBOW_RADIUS),
        Capsule(arm.elbow, body.ELBOW_RADIUS, arm.wrist, body.WRIST_RADIUS),
        Capsule(arm.wrist + 0.02 * forearm, 0.02, arm.grip + 0.012 * forearm, 0.021),
    )
