"""A pose is a set of joint angles; a skeleton is where they put the joints.

Degrees. A figure faces +x and y points up, so angles grow counter-clockwise. ``trunk`` is the direction from the hip to
the shoulder: 90 upright, 180 lying face up with the head on the left. Flexion is positive at every joint: hip and
shoulder forward, knee backward, elbow forward, chin towards the chest, toes towards the shin.
"""

import cmath
import math
from dataclasses import dataclass

from prescriptions.figures import body

Point = complex
"""x + yi, in body heights."""


@dataclass(frozen=True, slots=True)
class LegAngles:
    """Flexion of the three joints; all zero is standing straight."""

    hip: float
    knee: float
    ankle: float


@dataclass(frozen=True, slots=True)
class ArmAngles:
    """Flexion of the joints; all zero hangs along the trunk. The hand bends the way that the elbow does."""

    shoulder: float
    elbow: float
    wrist: float = 0.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Everything that says how a figure holds itself and where its hip is."""

    hip: Point
    trunk: float
    neck: float
    head: float
    near_leg: LegAngles
    far_leg: LegAngles
    near_arm: ArmAngles
    far_arm: ArmAngles


@dataclass(frozen=True, slots=True)
class Leg:
    """Where the joints of one leg are."""

    hip: Point
    knee: Point
    ankle: Point
    toe_ward: Point
    """Unit vector along the sole, towards the toes."""

    @property
    def sole_ward(self) -> Point:
        """Unit vector from the ankle to the sole."""
        return self.toe_ward * -1j

    @property
    def heel(self) -> Point:
        """Middle of the round heel."""
        return self.ankle - body.HEEL_BACK * self.toe_ward + body.HEEL_DOWN * self.sole_ward

    @property
    def ball(self) -> Point:
        """The ball of the foot, on the sole."""
        return self.ankle + body.BALL_AHEAD * self.toe_ward + body.ANKLE_HEIGHT * self.sole_ward

    @property
    def toes(self) -> Point:
        """Middle of the round tip."""
        return self.ankle + body.TOE_AHEAD * self.toe_ward + body.TOE_DOWN * self.sole_ward

    @property
    def heel_height(self) -> float:
        """The lowest point of the heel."""
        return self.heel.imag - body.HEEL_RADIUS

    @property
    def toe_height(self) -> float:
        """The lowest point of the toes."""
        return self.toes.imag - body.TOE_RADIUS


@dataclass(frozen=True, slots=True)
class Arm:
    """Where the joints of one arm are; ``grip`` is the middle of the hand."""

    shoulder: Point
    elbow: Point
    wrist: Point
    grip: Point

    @property
    def hand_ward(self) -> Point:
        """Unit vector from the wrist to the fingers."""
        return direction(self.grip - self.wrist)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Where every joint is."""

    hip: Point
    shoulder: Point
    neck: Point
    head: Point
    crown_ward: Point
    """Unit vector from the chin to the crown."""
    near_leg: Leg
    far_leg: Leg
    near_arm: Arm
    far_arm: Arm

    @property
    def back_ward(self) -> Point:
        """Unit vector out of the back."""
        return direction(self.shoulder - self.hip) * 1j

    @property
    def face_ward(self) -> Point:
        """Unit vector out of the face."""
        return self.crown_ward * -1j

    @property
    def seat_height(self) -> float:
        """The lowest point of the pelvis."""
        return self.hip.imag - below_the_hip(self.back_ward)

    @property
    def back_height(self) -> float:
        """The lowest point of the chest."""
        return (self.shoulder + body.CHEST_BACK * self.back_ward).imag - body.CHEST_RADIUS


def direction(vector: Point) -> Point:
    """The unit vector along ``vector``."""
    return vector / abs(vector)


def unit(degrees: float) -> Point:
    """The unit vector at that angle."""
    return cmath.rect(1, math.radians(degrees))


def below_the_hip(back_ward: Point) -> float:
    """From the hip down to what it sits on: the pelvis touches it, or the thigh once the pelvis has rolled forward."""
    return max(body.PELVIS_RADIUS - (body.PELVIS_BACK * back_ward).imag, body.THIGH_BACK[0][1])


def skeleton(pose: Pose) -> Skeleton:
    """Put the joints where the angles say."""
    shoulder = pose.hip + body.TRUNK * unit(pose.trunk)
    neck = shoulder + body.NECK * unit(pose.trunk - pose.neck)
    crown_ward = unit(pose.trunk - pose.neck - pose.head)
    head = neck + body.HEAD_HEIGHT / 2 * crown_ward - body.HEAD_FORWARD * 1j * crown_ward
    return Skeleton(
        hip=pose.hip,
        shoulder=shoulder,
        neck=neck,
        head=head,
        crown_ward=crown_ward,
        near_leg=_leg(pose.hip, pose.trunk, pose.near_leg),
        far_leg=_leg(pose.hip + body.FAR_AHEAD, pose.trunk, pose.far_leg),
        near_arm=_arm(shoulder, pose.trunk, pose.near_arm),
        far_arm=_arm(shoulder + body.FAR_AHEAD, pose.trunk, pose.far_arm),
    )


def _leg(hip: Point, trunk: float, angles: LegAngles) -> Leg:
    thigh = trunk + 180 + angles.hip
    shank = thigh - angles.knee
    knee = hip + body.THIGH * unit(thigh)
    return Leg(hip, knee, knee + body.SHANK * unit(shank), unit(shank + 90 + angles.ankle))


def _arm(shoulder: Point, trunk: float, angles: ArmAngles) -> Arm:
    upper = trunk + 180 + angles.shoulder
    forearm = upper + angles.elbow
    elbow = shoulder + body.UPPER_ARM * unit(upper)
    wrist = elbow + body.FOREARM * unit(forearm)
    return Arm(shoulder, elbow, wrist, wrist + body.GRIP * unit(forearm + angles.wrist))
