"""The figure itself, in flat colours that stay apart in grey: near limbs dark with a white halo, far limbs light."""

from collections.abc import Iterator

from prescriptions.figures import body
from prescriptions.figures.ink import Capsule, Circle, Curve, Mark, Shape, ellipse, through
from prescriptions.figures.pose import Arm, Leg, Skeleton, direction

NEAR, FAR = "#17324d", "#7f95ad"
SHIRT, SLEEVE = "#2f7d77", "#1e5853"
SKIN, FAR_SKIN = "#bf7c50", "#b68a70"
HAIR = "#33261f"
HALO, ARM_HALO = 0.013, 0.009


def far_limbs(bones: Skeleton) -> Iterator[Mark]:
    """Behind the trunk."""
    yield Mark(FAR_SKIN, (*_arm(bones.far_arm), *_foot(bones.far_leg)))
    yield Mark(FAR, _leg(bones.far_leg))


def trunk(bones: Skeleton) -> Iterator[Mark]:
    """Neck and shirt; the hips belong to the near leg's trousers."""
    back, axis = bones.back_ward, direction(bones.shoulder - bones.hip)
    pelvis = bones.hip + body.PELVIS_BACK * back
    chest = bones.shoulder + body.CHEST_BACK * back - 0.04 * axis
    waist = bones.hip + 0.1 * axis + 0.004 * back
    throat = bones.neck + 0.02 * bones.crown_ward
    yield Mark(SKIN, (Capsule(bones.shoulder, body.NECK_RADIUS * 1.1, throat, body.NECK_RADIUS),))
    yield Mark(
        SHIRT,
        (
            Capsule(pelvis + 0.02 * axis, body.PELVIS_RADIUS - 0.004, waist, 0.059),
            Capsule(waist, 0.059, chest, body.CHEST_RADIUS),
            Capsule(chest, body.CHEST_RADIUS, bones.shoulder + 0.008 * axis, 0.04),
        ),
    )


def head(bones: Skeleton) -> Iterator[Mark]:
    """An oval with a nose, hair on the crown and the back of it, and an ear."""
    high, deep, middle = _half_axes(bones)
    bridge, tip = middle + 0.9 * deep + 0.22 * high, middle + 1.2 * deep - 0.16 * high
    lip = middle + 0.86 * deep - 0.3 * high
    nose = Curve(
        lip,
        (
            (lip + 0.1 * deep, tip - 0.12 * high, tip),
            (tip + 0.02 * deep + 0.1 * high, bridge + 0.1 * deep, bridge),
        ),
        closed=True,
    )
    yield Mark(SKIN, (ellipse(middle, high, -deep), nose))
    yield Mark(HAIR, (_hair(bones),))
    yield Mark(SKIN, (Circle(middle - 0.12 * deep - 0.1 * high, 0.012),))


def _half_axes(bones: Skeleton) -> tuple[complex, complex, complex]:
    return body.HEAD_HEIGHT / 2 * bones.crown_ward, body.HEAD_DEPTH / 2 * bones.face_ward, bones.head


def _hair(bones: Skeleton) -> Shape:
    high, deep, middle = _half_axes(bones)
    brow = middle + 0.84 * deep + 0.52 * high
    nape = middle - 0.8 * deep - 0.6 * high
    return Curve(
        brow,
        (
            (middle + 0.78 * deep + 1.02 * high, middle - 0.05 * deep + 1.2 * high, middle - 0.5 * deep + 0.98 * high),
            (middle - 1.1 * deep + 0.72 * high, middle - 1.22 * deep - 0.1 * high, nape),
            (middle - 0.5 * deep - 0.5 * high, middle - 0.42 * deep - 0.2 * high, middle - 0.26 * deep + 0.12 * high),
            (middle - 0.1 * deep + 0.4 * high, middle + 0.4 * deep + 0.34 * high, brow),
        ),
        closed=True,
    )


def near_leg(bones: Skeleton) -> tuple[list[Mark], list[Mark]]:
    """The halo, and the leg that works together with the hips. Between the two go the things it touches."""
    axis = direction(bones.shoulder - bones.hip)
    pelvis = bones.hip + body.PELVIS_BACK * bones.back_ward
    hips = Capsule(pelvis, body.PELVIS_RADIUS, bones.hip + 0.03 * axis + 0.008 * bones.back_ward, 0.063)
    foot, leg = _foot(bones.near_leg), (hips, *_leg(bones.near_leg))
    return [_halo((*foot, *leg), HALO)], [Mark(SKIN, foot), Mark(NEAR, leg)]


def near_arm(bones: Skeleton) -> tuple[list[Mark], list[Mark]]:
    """The halo, and the arm with a short sleeve, which is darker than the shirt and so needs none."""
    arm = bones.near_arm
    upper = arm.elbow - arm.shoulder
    hem = arm.shoulder + 0.5 * upper
    sleeve = Capsule(arm.shoulder, body.UPPER_ARM_RADIUS + 0.007, hem, body.UPPER_ARM_RADIUS + 0.002)
    limb = _arm(arm)
    return [_halo(limb, ARM_HALO)], [Mark(SKIN, limb), Mark(SLEEVE, (sleeve,))]


def _halo(shapes: tuple[Shape, ...], width: float) -> Mark:
    return Mark("#fff", shapes, 2 * width)


def _leg(leg: Leg) -> tuple[Shape, ...]:
    """Thigh and shank, the shank with its calf."""
    shank = leg.ankle - leg.knee
    back = direction(shank) * -1j
    behind = ((0, 0.037), (0.3, 0.045), (0.65, 0.032), (0.93, 0.026))
    before = ((0.93, -0.026), (0.55, -0.032), (0, -0.04))
    outline = [leg.knee + share * shank + depth * back for share, depth in (*behind, *before)]
    return (
        Capsule(leg.hip, body.HIP_RADIUS, leg.knee, body.KNEE_RADIUS),
        through(outline, closed=True),
    )


def _foot(leg: Leg) -> tuple[Shape, ...]:
    return (
        Capsule(leg.heel, body.HEEL_RADIUS, leg.toes, body.TOE_RADIUS),
        Capsule(leg.ankle, body.ANKLE_RADIUS - 0.003, leg.toes, body.TOE_RADIUS),
        Capsule(
            leg.ankle, body.ANKLE_RADIUS - 0.003, leg.ankle + 0.15 * (leg.knee - leg.ankle), body.ANKLE_RADIUS - 0.005
        ),
    )


def _arm(arm: Arm) -> tuple[Shape, ...]:
    forearm = direction(arm.grip - arm.wrist)
    upper = arm.elbow - arm.shoulder
    return (
        Capsule(arm.shoulder + 0.5 * upper, body.UPPER_ARM_RADIUS - 0.004, arm.elbow, body.ELBOW_RADIUS),
        Capsule(arm.elbow, body.ELBOW_RADIUS, arm.wrist, body.WRIST_RADIUS),
        Capsule(arm.wrist + 0.02 * forearm, 0.02, arm.grip + 0.012 * forearm, 0.021),
    )
