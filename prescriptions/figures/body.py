"""The body that every picture shares. Lengths are fractions of body height; y points up, and a figure faces +x.

Segment lengths: Drillis and Contini, Body Segment Parameters (1966). Widths are ours: what reads well in print.
"""

from itertools import pairwise

TRUNK = 0.288
THIGH = 0.245
SHANK = 0.246
UPPER_ARM = 0.186
FOREARM = 0.146
HAND = 0.108
NECK_AND_HEAD = 0.182
FOOT = 0.152
ANKLE_HEIGHT = 0.039

FAR_AHEAD = 0.028
"""How far the other hip and shoulder are drawn ahead: the figure is turned a little, so that both sides are seen."""

GRIP = 0.045
"""From the wrist to the middle of the hand."""
PALM = 0.013
"""From the middle of a flat hand to what it lies on."""

NECK = 0.056
HEAD_HEIGHT = NECK_AND_HEAD - NECK
HEAD_DEPTH = 0.107
HEAD_FORWARD = 0.016
"""A head sits a little in front of its neck."""

HEEL_RADIUS = 0.024
HEEL_BACK = 0.014
HEEL_DOWN = ANKLE_HEIGHT - HEEL_RADIUS
TOE_RADIUS = 0.014
TOE_AHEAD = FOOT - HEEL_BACK - HEEL_RADIUS - TOE_RADIUS
TOE_DOWN = ANKLE_HEIGHT - TOE_RADIUS
BALL_AHEAD = 0.07

ANKLE_RADIUS = 0.021
UPPER_ARM_RADIUS = 0.029
ELBOW_RADIUS = 0.0235
WRIST_RADIUS = 0.017
NECK_RADIUS = 0.031

PELVIS_RADIUS = 0.061
PELVIS_BACK = 0.015
CHEST_RADIUS = 0.062
CHEST_BACK = PELVIS_RADIUS + PELVIS_BACK - CHEST_RADIUS
"""So that somebody who lies on the back touches the mat with the pelvis and the chest alike."""

Profile = tuple[tuple[float, float], ...]
"""Half of an outline: how far it lies from the line between two joints, at shares of that line."""

THIGH_BACK: Profile = ((0, 0.059), (0.25, 0.059), (0.55, 0.052), (0.82, 0.042), (1, 0.037))
THIGH_FRONT: Profile = ((0, 0.05), (0.25, 0.055), (0.55, 0.051), (0.82, 0.042), (1, 0.04))
SHANK_BACK: Profile = ((0, 0.037), (0.16, 0.04), (0.34, 0.043), (0.62, 0.031), (0.92, 0.0215))
SHANK_FRONT: Profile = ((0, 0.04), (0.16, 0.035), (0.5, 0.029), (0.92, 0.0215))
KNEE_BACK, KNEE_FRONT = 0.035, 0.039


def depth(profile: Profile, share: float) -> float:
    """How far the outline lies from the line between the joints, ``share`` (0 to 1) of the way."""
    for (low, start), (high, end) in pairwise(profile):
        if share <= high:
            return start + (end - start) * (share - low) / (high - low)
    return profile[-1][1]
