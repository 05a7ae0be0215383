"""The fixed facts of the throw-away demo district: its names, and the log-ins that `make run` prints.

They are public on purpose, and worth nothing outside a district whose settings say `demo = true`.
"""

from anganwadi.ids import CentreId, DistrictId, Origin

DISTRICT = DistrictId("demo")
DISTRICT_NAME = "Demo district"
ORIGIN = Origin("kiosk-a")
CENTRE_ID = CentreId("09123456701")
EPOCH = 1

WORKER_POST = "AWW"
WORKER_PIN = "2580"
HELPER_POST = "AWH"
HELPER_PIN = "1470"

CARD_PIN = "4826"
"""The PIN of every ration card that the demo's families have already."""
CARD_HOLDER, CARD_NUMBER = "Sunita Devi", "FYC4-1B4J-AV1H-CH95"
"""One of them, whom a ration is owed to, and the number on her card: the hardware panel holds it before the camera."""

SUPERVISOR_MOBILE = "9000000001"
CDPO_MOBILE = "9000000002"
DPO_MOBILE = "9000000003"
