"""Cases for the kiosk and for the scale's electronics, as parametric solids.

    dimensions.py -> layout.py -> solids.py, kiosk.py, scale_box.py -> build.py (STEP, STL) -> picture.py (PNG)

Dimensions and layout are plain Python and tested with the rest; the solids need build123d, which `make cad` installs.
"""
