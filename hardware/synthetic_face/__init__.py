"""Synthetic people: a photograph textured on a 3-D face that turns, sways, blinks and does what it is asked.

    head = SyntheticHead.of(rgb, pipeline)                       # hardware.synthetic_face.head
    picture = head.render(Pose(yaw_deg=25), (640, 480))
    actor = Actor(seed=1); actor.hear("turn_left", at=now)       # hardware.synthetic_face.acting
    picture = head.render(actor.pose(now), (640, 480))

`attacks` shows the same photograph as somebody would who wants to pass for her: on paper, on a telephone, bent and
turned by hand, as a video of an earlier check. Everything made here is synthetic: it tells whether the kiosk keeps its
rules, and nothing about how well it knows people, or stops impostors, in the field.
"""
