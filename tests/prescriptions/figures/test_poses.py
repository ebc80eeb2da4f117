"""The geometry behind the pictures: contacts meet, bones keep their length, and the near leg is the one that works."""

import math
from itertools import pairwise
from pathlib import Path

import pytest

import prescriptions
from prescriptions.figures import body, cues, props
from prescriptions.figures.figure import Figure
from prescriptions.figures.pose import Leg, Skeleton, skeleton
from prescriptions.figures.reader import parse
from prescriptions.figures.solve import settle

FOLDER = Path(prescriptions.__file__).parent / "packs" / "hamstring-behind-the-knee" / "figures"
SUPINE, LONG_SIT = "supine-hamstring-stretch-strap", "seated-long-sit-hamstring-stretch"
STANDING, GLIDE = "standing-hamstring-stretch", "seated-sciatic-nerve-glide"
ALL = (SUPINE, LONG_SIT, STANDING, GLIDE)
CLOSE = 1e-9


def figure(name: str) -> Figure:
    file = FOLDER / f"{name}.toml"
    return parse(file.read_bytes(), file.name)


def positions(name: str) -> list[Skeleton]:
    drawn = figure(name)
    return [skeleton(settle(drawn, number)) for number in range(len(drawn.positions))]


def degrees(vector: complex) -> float:
    return math.degrees(math.atan2(vector.imag, vector.real))


def knee_bend(leg: Leg) -> float:
    return degrees((leg.knee - leg.hip) / (leg.ankle - leg.knee))


def lies_flat(leg: Leg) -> bool:
    return abs(leg.heel_height) < CLOSE and abs(leg.toe_height) < CLOSE


@pytest.mark.parametrize("name", ALL)
def test_no_limb_grows_or_shrinks_between_positions(name):
    for bones in positions(name):
        for leg in (bones.near_leg, bones.far_leg):
            assert abs(leg.knee - leg.hip) == pytest.approx(body.THIGH)
            assert abs(leg.ankle - leg.knee) == pytest.approx(body.SHANK)
        for arm in (bones.near_arm, bones.far_arm):
            assert abs(arm.elbow - arm.shoulder) == pytest.approx(body.UPPER_ARM)
            assert abs(arm.grip - arm.elbow) == pytest.approx(body.FOREARM + body.GRIP)
        assert abs(bones.shoulder - bones.hip) == pytest.approx(body.TRUNK)


@pytest.mark.parametrize("name", ALL)
def test_nothing_sinks_into_the_floor(name):
    for bones in positions(name):
        lowest = [bones.seat_height, bones.back_height, bones.head.imag - body.HEAD_HEIGHT / 2]
        lowest += [leg.knee.imag - body.KNEE_RADIUS for leg in (bones.near_leg, bones.far_leg)]
        lowest += [min(leg.heel_height, leg.toe_height) for leg in (bones.near_leg, bones.far_leg)]
        lowest += [arm.elbow.imag - body.ELBOW_RADIUS for arm in (bones.near_arm, bones.far_arm)]

        assert min(lowest) > -CLOSE


def test_lying_down_the_pelvis_and_the_chest_touch_the_mat():
    for bones in positions(SUPINE):
        assert bones.seat_height == pytest.approx(0)
        assert bones.back_height == pytest.approx(0)


def test_lying_down_the_other_foot_is_flat_and_its_knee_bent():
    for bones in positions(SUPINE):
        assert lies_flat(bones.far_leg)
        assert 70 < knee_bend(bones.far_leg) < 110


def test_the_strap_runs_from_the_hands_round_the_ball_of_the_foot():
    for bones in positions(SUPINE):
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
    for bones in positions(SUPINE):
        for arm in (bones.near_arm, bones.far_arm):
            strand, pull = bones.near_leg.ball - arm.grip, arm.grip - arm.shoulder

            assert degrees(strand / pull) == pytest.approx(0)


def test_the_strap_draws_the_straightened_leg_closer_without_locking_its_knee():
    start, end = positions(SUPINE)

    assert knee_bend(start.near_leg) > 40
    assert 5 <= knee_bend(end.near_leg) <= 15
    assert abs(end.near_arm.grip - end.shoulder) < abs(start.near_arm.grip - start.shoulder)
    assert 75 < degrees(end.near_leg.ankle - end.near_leg.hip) < 95


def test_sitting_on_the_floor_the_seat_and_both_heels_touch_it():
    for bones in positions(LONG_SIT):
        assert bones.seat_height == pytest.approx(0)
        assert bones.near_leg.heel_height == pytest.approx(0)
        assert bones.far_leg.heel_height == pytest.approx(0)


def test_sitting_on_the_floor_the_toes_point_up_and_both_knees_are_straight():
    for bones in positions(LONG_SIT):
        for leg in (bones.near_leg, bones.far_leg):
            assert degrees(leg.toe_ward) > 60
            assert 0 < knee_bend(leg) < 10


def test_the_hands_lie_on_the_shins_when_the_long_sit_leans_forward():
    leg, arm = positions(LONG_SIT)[1].near_leg, positions(LONG_SIT)[1].near_arm
    along = (arm.grip - leg.knee) / (leg.ankle - leg.knee)

    assert along.real == pytest.approx(0.55)
    assert body.ANKLE_RADIUS < along.imag * body.SHANK < body.KNEE_RADIUS + 0.02


@pytest.mark.parametrize("name", [LONG_SIT, STANDING])
def test_the_back_stays_straight_while_the_hips_hinge(name):
    start, end = positions(name)
    leaned = degrees((start.shoulder - start.hip) / (end.shoulder - end.hip))

    assert leaned > 30
    for bones in (start, end):
        assert abs(degrees((bones.neck - bones.shoulder) / (bones.shoulder - bones.hip))) <= 5
        assert abs(degrees(bones.crown_ward / (bones.neck - bones.shoulder))) <= 5


def test_the_heel_stands_on_the_step_in_both_positions():
    step = figure(STANDING).prop("step")
    heels = [bones.near_leg.heel for bones in positions(STANDING)]

    assert abs(heels[0] - heels[1]) < CLOSE
    assert heels[0].imag - body.HEEL_RADIUS == pytest.approx(step.height)
    assert step.x < heels[0].real < step.x + step.width


def test_the_raised_leg_is_straight_but_not_locked_and_the_standing_knee_slightly_bent():
    for bones in positions(STANDING):
        assert 4 <= knee_bend(bones.near_leg) <= 10
        assert 10 <= knee_bend(bones.far_leg) <= 25
        assert lies_flat(bones.far_leg)


def test_the_seat_is_on_the_chair_and_the_other_foot_flat_on_the_floor():
    chair = figure(GLIDE).prop("chair")
    for bones in positions(GLIDE):
        assert bones.seat_height == pytest.approx(chair.height)
        assert chair.x < bones.hip.real < chair.x + chair.width
        assert lies_flat(bones.far_leg)


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
    for bones in positions(name):
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
    assert min(abs(point - leg.knee) for point in area) < body.KNEE_RADIUS


@pytest.mark.parametrize("name", ALL)
def test_an_arrow_ends_where_its_joint_ends_and_goes_its_way(name):
    drawn = figure(name)
    poses = [settle(drawn, number) for number in range(len(drawn.positions))]
    for number, (before, after) in enumerate(pairwise(poses), 1):
        for cue in drawn.positions[number].arrows:
            way = cues.way(before, after, cue)
            moved = cues.joint(skeleton(after), cue.follow) - cues.joint(skeleton(before), cue.follow)

            assert abs(way[-1] - cues.joint(skeleton(after), cue.follow)) == pytest.approx(abs(cue.clear))
            assert abs(degrees((way[-1] - way[0]) / moved)) < 45
