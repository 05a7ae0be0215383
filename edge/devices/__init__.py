"""The kiosk's devices, one file each behind a small Protocol: cameras (`camera.py`) and scales (`scale.py`).

A device that is late or fails raises; it never gives an old value. Drivers are chosen by typed settings, simulated ones
only when they are named there, and every device says whether it is simulated.
"""
