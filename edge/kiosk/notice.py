"""The notice that is read to a woman before her face is enrolled: short sentences, one subject each.

`NOTICE` names the version; it goes into the consent event. Change the text, change the version.
"""

from edge.kiosk.i18n import N_

NOTICE = "face-1"

SENTENCES = (
    ("ration", N_("Why: so that nobody else can take your ration in your name.")),
    ("camera", N_("What: the camera looks at your face and makes numbers from it. No photo is kept.")),
    ("lock", N_("Where: they are kept locked, here and at the district office, and used for nothing else.")),
    ("check", N_("Your choice: if you say no, you receive the same ration. The worker then vouches for you.")),
    ("delete", N_("Any time: say here that you no longer want it, and the numbers are erased.")),
    ("message", N_("Questions or a complaint: ask the worker, or her supervisor.")),
)  # fmt: skip
"""Icon and sentence."""
