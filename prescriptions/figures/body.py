"""The body that every picture shares. Lengths are fractions of body height; y points up, and a figure faces +x.

Segment lengths: Drillis and Contini, Body Segment Parameters (1966). Widths are ours: what reads well in print.
"""

TRUNK = 0.288
THIGH = 0.245
SHANK = 0.246
UPPER_ARM = 0.186
FOREARM = 0.146
HAND = 0.108
NECK_AND_HEAD = 0.182
FOOT = 0.152
ANKLE_HEIGHT = 0.039

GRIP = 0.045
"""From the wrist to the middle of a closed hand."""

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

HIP_RADIUS = 0.06
KNEE_RADIUS = 0.04
ANKLE_RADIUS = 0.025
CALF_RADIUS = 0.036
UPPER_ARM_RADIUS = 0.031
ELBOW_RADIUS = 0.024
WRIST_RADIUS = 0.017
NECK_RADIUS = 0.03

PELVIS_RADIUS = 0.066
PELVIS_BACK = 0.012
CHEST_RADIUS = 0.067
CHEST_BACK = PELVIS_RADIUS + PELVIS_BACK - CHEST_RADIUS
"""So that somebody who lies on the back touches the mat with the pelvis and the chest alike."""
