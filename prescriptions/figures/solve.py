"""Contacts are computed, never eyeballed: what the pelvis, a heel or a hand touches decides the joint angles."""

import cmath
import math
from dataclasses import replace

from prescriptions.errors import PackError
from prescriptions.figures import body
from prescriptions.figures.blend import Between, blend, mix
from prescriptions.figures.figure import Figure, Plant, Position, Pull, Reach, Rest, Stand, Stretch, Touch
from prescriptions.figures.pose import (
    ArmAngles,
    LegAngles,
    Point,
    Pose,
    Skeleton,
    below_the_hip,
    direction,
    skeleton,
    unit,
)

HANGING = ArmAngles(0, 0)
STRAIGHT = LegAngles(0, 0, 0)
ARM = body.UPPER_ARM + body.FOREARM + body.GRIP
IN_REACH = 0.98


def settle(figure: Figure, number: int) -> Pose:
    """The pose of position ``number`` (from 0) with every contact met.

    Raises PackError where a limb is too short for the contact asked of it.
    """
    return between(figure, number, number, 0)


def between(figure: Figure, before: int, after: int, share: float) -> Pose:
    """The pose ``share`` (0 to 1) of the way between two positions, with every contact met there as well.

    Raises PackError as ``settle`` does.
    """
    position = blend(figure.positions[before], figure.positions[after], share)
    return _Solver(figure, after, position).pose()


class _Solver:
    def __init__(self, figure: Figure, number: int, position: Position) -> None:
        self.figure = figure
        self.number = number
        self.position = position

    def pose(self) -> Pose:
        position = self.position
        hip = self._hip(position.pelvis)
        legs = Pose(
            hip=hip,
            trunk=position.trunk,
            neck=position.neck,
            head=position.head,
            near_leg=self._leg("near_leg", hip, position.near_leg),
            far_leg=self._leg("far_leg", hip + body.FAR_AHEAD, position.far_leg),
            near_arm=HANGING,
            far_arm=HANGING,
        )
        bones = skeleton(legs)
        return replace(
            legs,
            near_arm=self._arm("near_arm", bones, bones.near_arm.shoulder, position.near_arm),
            far_arm=self._arm("far_arm", bones, bones.far_arm.shoulder, position.far_arm),
        )

    def _hip(self, pelvis: Rest | Stand | Between) -> Point:
        if isinstance(pelvis, Between):
            hip: Point = mix(self._hip(pelvis.before), self._hip(pelvis.after), pelvis.share)
            return hip
        if isinstance(pelvis, Rest):
            below = below_the_hip(unit(self.position.trunk) * 1j)
            return complex(pelvis.x, self._surface("pelvis", pelvis.on) + below)
        return self._standing_hip(pelvis)

    def _standing_hip(self, stand: Stand) -> Point:
        """Where the two circles meet that the hip can be on, one about each ankle: the upper one of the two places."""
        near_leg, far_leg = self.position.near_leg, self.position.far_leg
        if not (isinstance(near_leg, Plant) and isinstance(far_leg, Plant)):
            raise self._error("pelvis", "stands on both legs, so each must say where its heel is")
        near = self._ankle("near_leg", near_leg, near_leg.x)
        far = self._ankle("far_leg", far_leg, far_leg.x) - body.FAR_AHEAD
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

    def _leg(self, key: str, hip: Point, spec: LegAngles | Plant | Stretch | Between) -> LegAngles:
        if isinstance(spec, Between):
            angles: LegAngles = mix(self._leg(key, hip, spec.before), self._leg(key, hip, spec.after), spec.share)
            return angles
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

    def _arm(
        self, key: str, bones: Skeleton, shoulder: Point, spec: ArmAngles | Touch | Reach | Pull | Between
    ) -> ArmAngles:
        if isinstance(spec, ArmAngles):
            return spec
        if isinstance(spec, Between) and ArmAngles in {type(spec.before), type(spec.after)}:
            before, after = (
                self._arm(key, bones, shoulder, end if isinstance(end, ArmAngles) else Between(end, end, 0))
                for end in (spec.before, spec.after)
            )
            angles: ArmAngles = mix(before, after, spec.share)
            return angles
        palm, fingers = self._hand(bones, shoulder, spec)
        way = palm - body.GRIP * fingers - shoulder
        if isinstance(spec, Between):  # on its way, a hand touches nothing: where it can't reach, it is held closer
            way *= min(1, IN_REACH * (body.UPPER_ARM + body.FOREARM) / abs(way))
        # An elbow bends the other way round than a knee: solve the mirror image.
        upper, elbow = self._two_links(key, way.conjugate(), body.UPPER_ARM, body.FOREARM)
        return ArmAngles(_turn(-upper - self.position.trunk - 180), elbow, _turn(_degrees(fingers) + upper - elbow))

    def _hand(self, bones: Skeleton, shoulder: Point, spec: Touch | Reach | Pull | Between) -> tuple[Point, Point]:
        """Where the middle of the hand is, and which way its fingers point."""
        if isinstance(spec, Between):
            before = self._hand(bones, shoulder, spec.before)
            after = self._hand(bones, shoulder, spec.after)
            return mix(before[0], after[0], spec.share), direction(mix(before[1], after[1], spec.share))
        if isinstance(spec, Pull):
            taut = direction(bones.near_leg.ball - shoulder)
            return bones.near_leg.ball - spec.strap * taut, taut
        return _touched(bones, spec) if isinstance(spec, Touch) else _reached(bones, shoulder, spec)

    def _two_links(self, key: str, target: Point, upper: float, lower: float) -> tuple[float, float]:
        """Direction of the upper link and flexion between the two, so that the lower one ends at ``target``."""
        distance = abs(target)
        if not abs(upper - lower) < distance < upper + lower:
            raise self._error(key, f"cannot reach: {distance:.3f} of body height, and it is {upper + lower:.3f} long")
        flexion = math.pi - math.acos((upper**2 + lower**2 - distance**2) / (2 * upper * lower))
        lead = math.acos((upper**2 + distance**2 - lower**2) / (2 * upper * distance))
        return _degrees(target) + math.degrees(lead), math.degrees(flexion)

    def _error(self, key: str, reason: str) -> PackError:
        return PackError(self.figure.file, f"positions[{self.number}].{key}", reason)


def _reach(knee: float) -> float:
    """From the hip to the ankle with that much flexion of the knee."""
    return abs(body.THIGH + body.SHANK * unit(-knee))


def _touched(bones: Skeleton, touch: Touch) -> tuple[Point, Point]:
    """Where the middle of a flat hand lies, and which way its fingers point: down the limb."""
    side, limb = touch.on.split()
    leg = bones.near_leg if side == "near" else bones.far_leg
    thigh = limb == "thigh"
    start, end = (leg.hip, leg.knee) if thigh else (leg.knee, leg.ankle)
    profile = body.THIGH_FRONT if thigh else body.SHANK_FRONT
    down = direction(end - start)
    slope = body.depth(profile, min(touch.along + 0.1, 1)) - body.depth(profile, touch.along)
    fingers = direction(down * 0.1 * abs(end - start) + down * 1j * slope)
    skin = start + (end - start) * touch.along + down * 1j * body.depth(profile, touch.along)
    return skin + fingers * 1j * body.PALM, fingers


def _reached(bones: Skeleton, shoulder: Point, reach: Reach) -> tuple[Point, Point]:
    """On the line from the shoulder, with the fingers in line."""
    leg = bones.near_leg if reach.toward == "near toes" else bones.far_leg
    line = direction(leg.toes - shoulder)
    return shoulder + ARM * reach.reach * line, line


def _degrees(vector: Point) -> float:
    return math.degrees(cmath.phase(vector))


def _turn(degrees: float) -> float:
    """The same angle between -180 and 180."""
    return (degrees + 180) % 360 - 180
