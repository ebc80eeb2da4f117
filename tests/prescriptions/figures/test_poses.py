"""The geometry behind the pictures: contacts meet, bones keep their length, and the near leg is the one that works.

It holds in each drawing of a film as well as in the pictures, which are the first and the last of them.
"""

import math
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

import prescriptions
from prescriptions.figures import body, cues, person, props
from prescriptions.figures.figure import Figure
from prescriptions.figures.film import moments
from prescriptions.figures.ink import Curve
from prescriptions.figures.pose import Leg, Skeleton
from prescriptions.figures.reader import parse
from prescriptions.figures.scene import bones_between

FOLDER = Path(prescriptions.__file__).parent / "packs" / "hamstring-behind-the-knee" / "figures"
SUPINE, LONG_SIT = "supine-hamstring-stretch-strap", "seated-long-sit-hamstring-stretch"
STANDING, GLIDE = "standing-hamstring-stretch", "seated-sciatic-nerve-glide"
ALL = (SUPINE, LONG_SIT, STANDING, GLIDE)
CLOSE = 1e-9
SOFT = 0.005
"""Of body height: how far flesh gives way."""
JUMP = 0.05
"""Of body height, from one drawing to the next."""


def figure(name: str) -> Figure:
    file = FOLDER / f"{name}.toml"
    return parse(file.read_bytes(), file.name)


def frames(name: str) -> list[Skeleton]:
    """Every drawing of the film."""
    drawn = figure(name)
    return [bones_between(drawn, *moment) for moment in moments(drawn)]


def positions(name: str) -> list[Skeleton]:
    return [frames(name)[0], frames(name)[-1]]


def near_outline(bones: Skeleton) -> list[complex]:
    """Points on the outlines of hips, leg, foot and shirt."""
    marks = [*person.near_leg(bones)[1], *person.trunk(bones)]
    curves = [shape for mark in marks for shape in mark.shapes if isinstance(shape, Curve)]
    return [point for curve in curves for point in on_curve(curve)]


def on_curve(curve: Curve) -> list[complex]:
    points, start = [], curve.start
    for one, other, end in curve.pieces:
        for t in (0, 0.2, 0.4, 0.6, 0.8):
            a, b, c = start + (one - start) * t, one + (other - one) * t, other + (end - other) * t
            d, e = a + (b - a) * t, b + (c - b) * t
            points.append(d + (e - d) * t)
        start = end
    return points


def degrees(vector: complex) -> float:
    return math.degrees(math.atan2(vector.imag, vector.real))


def knee_bend(leg: Leg) -> float:
    return degrees((leg.knee - leg.hip) / (leg.ankle - leg.knee))


def lies_flat(leg: Leg) -> bool:
    return abs(leg.heel_height) < CLOSE and abs(leg.toe_height) < CLOSE


@pytest.mark.parametrize("name", ALL)
def test_no_limb_grows_or_shrinks_on_the_way(name):
    for bones in frames(name):
        for leg in (bones.near_leg, bones.far_leg):
            assert abs(leg.knee - leg.hip) == pytest.approx(body.THIGH)
            assert abs(leg.ankle - leg.knee) == pytest.approx(body.SHANK)
            assert abs(leg.toes - leg.ankle) == pytest.approx(abs(complex(body.TOE_AHEAD, body.TOE_DOWN)))
        for arm in (bones.near_arm, bones.far_arm):
            assert abs(arm.elbow - arm.shoulder) == pytest.approx(body.UPPER_ARM)
            assert abs(arm.wrist - arm.elbow) == pytest.approx(body.FOREARM)
            assert abs(arm.grip - arm.wrist) == pytest.approx(body.GRIP)
        assert abs(bones.shoulder - bones.hip) == pytest.approx(body.TRUNK)
        assert abs(bones.neck - bones.shoulder) == pytest.approx(body.NECK)


@pytest.mark.parametrize("name", ALL)
def test_no_joint_jumps_on_the_way(name):
    drawings = frames(name)
    for before, after in pairwise(drawings):
        for part in ("crown", "near hand", "near knee", "near toes"):
            assert abs(cues.joint(after, part) - cues.joint(before, part)) < JUMP


@pytest.mark.parametrize("name", ALL)
def test_no_knee_and_no_elbow_bends_the_wrong_way_on_the_way(name):
    for bones in frames(name):
        assert all(0 < knee_bend(leg) < 150 for leg in (bones.near_leg, bones.far_leg))
        for arm in (bones.near_arm, bones.far_arm):
            assert 0 < degrees((arm.wrist - arm.elbow) / (arm.elbow - arm.shoulder)) < 150


@pytest.mark.parametrize("name", ALL)
def test_nothing_sinks_into_the_floor(name):
    for bones in frames(name):
        legs, arms = (bones.near_leg, bones.far_leg), (bones.near_arm, bones.far_arm)
        lowest = [bones.seat_height, bones.back_height, bones.head.imag - body.HEAD_HEIGHT / 2]
        lowest += [min(leg.heel_height, leg.toe_height) for leg in legs]
        lowest += [arm.elbow.imag - body.ELBOW_RADIUS for arm in arms]

        assert min(lowest) > -CLOSE
        assert min(point.imag for point in near_outline(bones)) > -SOFT


def test_lying_down_the_pelvis_and_the_chest_touch_the_mat():
    for bones in frames(SUPINE):
        assert bones.seat_height == pytest.approx(0)
        assert bones.back_height == pytest.approx(0)


def test_lying_down_the_other_foot_is_flat_and_its_knee_bent():
    for bones in frames(SUPINE):
        assert lies_flat(bones.far_leg)
        assert 70 < knee_bend(bones.far_leg) < 110


def test_the_strap_runs_from_the_hands_round_the_ball_of_the_foot():
    for bones in frames(SUPINE):
        strand, *_ = (mark.shapes[0].points for mark in props.strap_in_front(bones))
        sole = props.sole_piece(bones.near_leg).points

        assert strand == (bones.near_leg.ball, bones.near_arm.grip)
        assert abs(sum(sole) / 2 - bones.near_leg.ball) < 0.005
        assert degrees((sole[1] - sole[0]) / bones.near_leg.toe_ward) == pytest.approx(0)


def test_the_ball_of_the_foot_is_on_the_sole_behind_the_toes():
    leg = positions(STANDING)[0].far_leg
    from_heel = leg.ball.real - (leg.heel.real - body.HEEL_RADIUS)

    assert leg.ball.imag == pytest.approx(0)
    assert 0.65 < from_heel / body.FOOT < 0.75


def test_a_taut_strap_pulls_towards_the_shoulder():
    for bones in frames(SUPINE):
        for arm in (bones.near_arm, bones.far_arm):
            strand, pull = bones.near_leg.ball - arm.grip, arm.grip - arm.shoulder

            assert degrees(strand / pull) == pytest.approx(0)


def test_the_strap_is_no_rubber_band():
    for side in ("near_arm", "far_arm"):
        strands = [abs(bones.near_leg.ball - getattr(bones, side).grip) for bones in frames(SUPINE)]

        assert max(strands) - min(strands) < CLOSE


def test_the_strap_draws_the_straightened_leg_closer_without_locking_its_knee():
    start, end = positions(SUPINE)

    assert knee_bend(start.near_leg) > 40
    assert 5 <= knee_bend(end.near_leg) <= 15
    assert abs(end.near_arm.grip - end.shoulder) < abs(start.near_arm.grip - start.shoulder)
    assert 75 < degrees(end.near_leg.ankle - end.near_leg.hip) < 95


def test_sitting_on_the_floor_the_seat_and_both_heels_touch_it():
    for bones in frames(LONG_SIT):
        assert bones.seat_height == pytest.approx(0)
        assert bones.near_leg.heel_height == pytest.approx(0)
        assert bones.far_leg.heel_height == pytest.approx(0)


def test_sitting_on_the_floor_the_toes_point_up_and_both_knees_are_straight():
    for bones in frames(LONG_SIT):
        for leg in (bones.near_leg, bones.far_leg):
            assert degrees(leg.toe_ward) > 60
            assert 0 < knee_bend(leg) < 10


def test_the_hands_lie_on_the_shins_when_the_long_sit_leans_forward():
    leg, arm = positions(LONG_SIT)[1].near_leg, positions(LONG_SIT)[1].near_arm
    along = (arm.grip - leg.knee) / (leg.ankle - leg.knee)

    assert along.real == pytest.approx(0.4, abs=0.01)
    palm = along.imag * body.SHANK - body.PALM
    assert palm == pytest.approx(body.depth(body.SHANK_FRONT, 0.4), abs=0.001)
    assert abs(degrees(arm.hand_ward / (leg.ankle - leg.knee))) < 10


@pytest.mark.parametrize("name", [LONG_SIT, STANDING])
def test_the_back_stays_straight_while_the_hips_hinge(name):
    start, *between, end = frames(name)
    leaned = degrees((start.shoulder - start.hip) / (end.shoulder - end.hip))

    assert leaned > 30
    for bones in (start, *between, end):
        assert abs(degrees((bones.neck - bones.shoulder) / (bones.shoulder - bones.hip))) <= 5
        assert abs(degrees(bones.crown_ward / (bones.neck - bones.shoulder))) <= 5


def test_the_heel_stays_on_the_step():
    step = figure(STANDING).prop("step")
    heels = [bones.near_leg.heel for bones in frames(STANDING)]

    assert max(abs(heel - heels[0]) for heel in heels) < CLOSE
    assert heels[0].imag - body.HEEL_RADIUS == pytest.approx(step.height)
    assert step.x < heels[0].real < step.x + step.width


def test_the_raised_leg_is_straight_but_not_locked_and_the_standing_knee_slightly_bent():
    for bones in frames(STANDING):
        assert 4 <= knee_bend(bones.near_leg) <= 10
        assert 10 <= knee_bend(bones.far_leg) <= 25
        assert lies_flat(bones.far_leg)


def test_the_seat_is_on_the_chair_and_the_other_foot_flat_on_the_floor():
    chair = figure(GLIDE).prop("chair")
    for bones in frames(GLIDE):
        assert bones.seat_height == pytest.approx(chair.height)
        assert chair.x < bones.hip.real < chair.x + chair.width
        assert lies_flat(bones.far_leg)


def test_the_chair_carries_the_thigh_and_nothing_sinks_into_it():
    chair = figure(GLIDE).prop("chair")
    edge = chair.x + chair.width
    for bones in frames(GLIDE):
        above = [point for point in near_outline(bones) if chair.x < point.real < edge]
        thigh = bones.near_leg.knee - bones.near_leg.hip
        share = (edge - bones.hip.real) / thigh.real
        under = bones.hip + share * thigh - 1j * body.depth(body.THIGH_BACK, share)

        assert min(point.imag for point in above) > chair.height - SOFT
        assert 0 <= under.imag - chair.height < 0.012


def test_the_glide_turns_the_chin_and_the_toes_at_once_and_nothing_else():
    start, end = positions(GLIDE)

    assert degrees(start.face_ward) < -45
    assert degrees(end.face_ward) > 0
    assert degrees(start.near_leg.toe_ward) > 80
    assert degrees(end.near_leg.toe_ward) < 40
    assert start.near_leg.ankle == end.near_leg.ankle
    assert start.shoulder == end.shoulder


@pytest.mark.parametrize("name", ALL)
def test_a_figure_that_faces_right_shows_its_right_side_and_mirrored_its_left(name):
    for bones in frames(name):
        face, head = -bones.back_ward, (bones.shoulder - bones.hip) / abs(bones.shoulder - bones.hip)

        # A person's right is face x head. Both lie in the page, so only the part towards the viewer (z) is left.
        towards_viewer = face.real * head.imag - face.imag * head.real
        mirrored = -face.real * head.imag + face.imag * head.real

        assert towards_viewer == pytest.approx(1)
        assert mirrored == pytest.approx(-1)


@pytest.mark.parametrize("name", ALL)
def test_the_target_area_lies_behind_the_knee_on_the_back_of_the_leg(name):
    drawn = figure(name)
    leg = positions(name)[1].near_leg
    area = cues.band(leg, drawn.target)

    # Seen from the hip towards the ankle, the back of the leg is on the right hand.
    assert all(((point - leg.hip) / (leg.ankle - leg.hip)).imag < 0 for point in area)
    assert min(abs(point - leg.knee) for point in area) < body.KNEE_BACK


@pytest.mark.parametrize("name", ALL)
def test_an_arrow_ends_where_its_joint_ends_and_goes_its_way(name):
    drawn = figure(name)
    for number in range(1, len(drawn.positions)):
        way_of = partial(bones_between, drawn, number - 1, number)
        for cue in drawn.positions[number].arrows:
            way = cues.way(way_of, cue)
            start, end = (cues.joint(way_of(share), cue.follow) for share in (0, 1))

            assert abs(way[-1] - end) == pytest.approx(abs(cue.clear))
            assert abs(degrees((way[-1] - way[0]) / (end - start))) < 45
