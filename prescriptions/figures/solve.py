"""Contacts are computed, never eyeballed: what the pelvis, a heel or a hand touches decides the joint angles."""

import cmath
import math
from dataclasses import replace

from prescriptions.errors import PackError
from prescriptions.figures import body
from prescriptions.figures.figure import Figure, Plant, Position, Reach, Rest, Stand, Stretch, Touch
from prescriptions.figures.pose import ArmAngles, LegAngles, Point, Pose, Skeleton, direction, skeleton, unit

HANGING = ArmAngles(0, 0)
STRAIGHT = LegAngles(0, 0, 0)
ARM = body.UPPER_ARM + body.FOREARM + body.GRIP
HAND_RADIUS = 0.02


def settle(figure: Figure, number: int) -> Pose:
    """The pose of position ``number`` (from 0) with every contact met.

    Raises PackError where a limb is too short for the contact asked of it.
    """
    return _Solver(figure, number).pose()


class _Solver:
    def __init__(self, figure: Figure, number: int) -> None:
        self.figure = figure
        self.number = number
        self.position: Position = figure.positions[number]

    def pose(self) -> Pose:
        position = self.position
        hip = self._hip()
        legs = Pose(
            hip=hip,
            trunk=position.trunk,
            neck=position.neck,
            head=position.head,
            near_leg=self._leg("near_leg", hip, position.near_leg),
            far_leg=self._leg("far_leg", hip, position.far_leg),
            near_arm=HANGING,
            far_arm=HANGING,
        )
        bones = skeleton(legs)
        return replace(
            legs,
            near_arm=self._arm("near_arm", bones, position.near_arm),
            far_arm=self._arm("far_arm", bones, position.far_arm),
        )

    def _hip(self) -> Point:
        pelvis = self.position.pelvis
        if isinstance(pelvis, Rest):
            back_ward = unit(self.position.trunk) * 1j
            return complex(
                pelvis.x, self._surface("pelvis", pelvis.on) + body.PELVIS_RADIUS - (body.PELVIS_BACK * back_ward).imag
            )
        return self._standing_hip(pelvis)

    def _standing_hip(self, stand: Stand) -> Point:
        """Where the two circles meet that the hip can be on, one about each ankle: the upper one of the two places."""
        near_leg, far_leg = self.position.near_leg, self.position.far_leg
        if not (isinstance(near_leg, Plant) and isinstance(far_leg, Plant)):
            raise self._error("pelvis", "stands on both legs, so each must say where its heel is")
        near = self._ankle("near_leg", near_leg, near_leg.x)
        far = self._ankle("far_leg", far_leg, far_leg.x)
        between = near - far
        near_reach, far_reach = _reach(stand.near_knee), _reach(stand.far_knee)
        if not abs(near_reach - far_reach) < abs(between) < near_reach + far_reach:
            raise self._error("pelvis", f"cannot stand with the heels {abs(between):.3f} of body height apart")
        along = (abs(between) ** 2 + far_reach**2 - near_reach**2) / (2 * abs(between))
        return far + direction(between) * complex(along, math.sqrt(far_reach**2 - along**2))

    def _surface(self, key: str, name: str) -> float:
        if name == "floor":
            return 0.0
        prop = self.figure.prop(name)
        if prop is None:
            raise self._error(key, f"the picture has no {name}")
        return prop.height

    def _ankle(self, key: str, foot: Plant | Stretch, x: float) -> Point:
        """Where the ankle is when the heel touches the surface at ``x``."""
        heel = complex(x, self._surface(key, foot.on) + body.HEEL_RADIUS)
        toe_ward = unit(foot.toes)
        return heel + body.HEEL_BACK * toe_ward + body.HEEL_DOWN * 1j * toe_ward

    def _leg(self, key: str, hip: Point, spec: LegAngles | Plant | Stretch) -> LegAngles:
        if isinstance(spec, LegAngles):
            return spec
        if isinstance(spec, Plant):
            ankle = self._ankle(key, spec, spec.x)
        else:
            height = self._ankle(key, spec, 0).imag
            ankle = hip + complex(self._ahead(key, _reach(spec.knee), height - hip.imag), height - hip.imag)
        thigh, knee = self._two_links(key, ankle - hip, body.THIGH, body.SHANK)
        shank = thigh - knee
        return LegAngles(_turn(thigh - self.position.trunk - 180), knee, _turn(spec.toes - 90 - shank))

    def _ahead(self, key: str, reach: float, rise: float) -> float:
        if abs(rise) >= reach:
            raise self._error(key, f"cannot reach: {abs(rise):.3f} of body height, and it is {reach:.3f} long")
        return math.sqrt(reach**2 - rise**2)

    def _arm(self, key: str, bones: Skeleton, spec: ArmAngles | Touch | Reach) -> ArmAngles:
        if isinstance(spec, ArmAngles):
            return spec
        hand = _touched(bones, spec) if isinstance(spec, Touch) else _reached(bones, spec)
        # An elbow bends the other way round than a knee: solve the mirror image.
        mirrored = (hand - bones.shoulder).conjugate()
        upper, elbow = self._two_links(key, mirrored, body.UPPER_ARM, body.FOREARM + body.GRIP)
        return ArmAngles(_turn(-upper - self.position.trunk - 180), elbow)

    def _two_links(self, key: str, target: Point, upper: float, lower: float) -> tuple[float, float]:
        """Direction of the upper link and flexion between the two, so that the lower one ends at ``target``."""
        distance = abs(target)
        if not abs(upper - lower) < distance < upper + lower:
            raise self._error(key, f"cannot reach: {distance:.3f} of body height, and it is {upper + lower:.3f} long")
        flexion = math.pi - math.acos((upper**2 + lower**2 - distance**2) / (2 * upper * lower))
        lead = math.acos((upper**2 + distance**2 - lower**2) / (2 * upper * distance))
        return math.degrees(cmath.phase(target) + lead), math.degrees(flexion)

    def _error(self, key: str, reason: str) -> PackError:
        return PackError(self.figure.file, f"positions[{self.number}].{key}", reason)


def _reach(knee: float) -> float:
    """From the hip to the ankle with that much flexion of the knee."""
    return abs(body.THIGH + body.SHANK * unit(-knee))


def _touched(bones: Skeleton, touch: Touch) -> Point:
    side, limb = touch.on.split()
    leg = bones.near_leg if side == "near" else bones.far_leg
    thigh = limb == "thigh"
    start, end = (leg.hip, leg.knee) if thigh else (leg.knee, leg.ankle)
    first, last = (body.HIP_RADIUS, body.KNEE_RADIUS) if thigh else (body.KNEE_RADIUS, body.ANKLE_RADIUS)
    front = direction(end - start) * 1j
    return start + (end - start) * touch.along + front * (first + (last - first) * touch.along + HAND_RADIUS / 2)


def _reached(bones: Skeleton, reach: Reach) -> Point:
    side, part = reach.toward.split()
    leg = bones.near_leg if side == "near" else bones.far_leg
    goal = leg.ball if part == "ball" else leg.toes
    return bones.shoulder + ARM * reach.reach * direction(goal - bones.shoulder)


def _turn(degrees: float) -> float:
    """The same angle between -180 and 180."""
    return (degrees + 180) % 360 - 180
