"""The scripted day: what is done at the kiosk, what must come of it, and the count of what arrived."""
