"""Letting a worker in at a kiosk: her PIN checked, the kiosk's data key released to this log-in, the roster sent."""
