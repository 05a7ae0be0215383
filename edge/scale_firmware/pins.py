"""Which GPIO does what. Written from hardware/pins.toml by `python -m hardware tables --write`."""

DOUT_PIN = 2  # GP2, board pin 4
SCK_PIN = 3  # GP3, board pin 5
MAINTENANCE_PIN = 15  # GP15, board pin 20
