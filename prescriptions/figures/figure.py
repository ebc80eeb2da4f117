"""A picture as data: what a figure file says, before anything is solved. Frozen values only."""

from dataclasses import dataclass

from prescriptions.figures.pose import ArmAngles, LegAngles

ONE_LEG, BOTH_LEGS = "one leg", "both legs"


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing in the room; ``x`` is its left edge. A strap and a pillow find their own place."""

    kind: str
    x: float = 0.0
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Rest:
    """The lowest point of the pelvis touches a surface."""

    on: str
    x: float


@dataclass(frozen=True, slots=True)
class Stand:
    """The pelvis is where both legs carry it, each planted, with that much flexion of its knee."""

    near_knee: float
    far_knee: float


@dataclass(frozen=True, slots=True)
class Plant:
    """The heel touches a surface at ``x``; ``toes`` is the angle of the sole: 0 flat, 90 toes up."""

    on: str
    x: float
    toes: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """The heel touches a surface as far ahead as a leg reaches with that much flexion of its knee."""

    on: str
    knee: float
    toes: float


@dataclass(frozen=True, slots=True)
class Touch:
    """The hand lies on the front of a limb, ``along`` (0 to 1) of the way down."""

    on: str
    along: float


@dataclass(frozen=True, slots=True)
class Reach:
    """The hand is on the line from the shoulder to a point, at that share of the arm's length."""

    toward: str
    reach: float


@dataclass(frozen=True, slots=True)
class Pull:
    """The hand holds the strap, which runs taut from the ball of the near foot, at that length of it."""

    strap: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """Follows a joint from the pose before into this one, ``clear`` of its path (positive: to its left)."""

    follow: str
    clear: float
    longest: float


@dataclass(frozen=True, slots=True)
class Position:
    """One position of the exercise."""

    text: str
    """What is seen; {leg} and {other} stand for the two sides."""
    felt: bool
    """Whether the target area is marked."""
    trunk: float
    neck: float
    head: float
    pelvis: Rest | Stand
    near_leg: LegAngles | Plant | Stretch
    far_leg: LegAngles | Plant | Stretch
    near_arm: ArmAngles | Touch | Reach | Pull
    far_arm: ArmAngles | Touch | Reach | Pull
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the stretch is felt: that share of the thigh above the knee, and of the calf below it."""

    thigh: float
    calf: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture. The near leg is the one that works."""

    file: str
    source: tuple[str, ...]
    works: str
    """"one leg" or "both legs"."""
    target: Target
    props: tuple[Prop, ...]
    positions: tuple[Position, ...]

    def prop(self, kind: str) -> Prop | None:
        """The prop of that kind, if the picture has one."""
        return next((prop for prop in self.props if prop.kind == kind), None)
