"""The kiosk: a touch screen, a camera and a scale at one Anganwadi centre, working with or without a network."""
