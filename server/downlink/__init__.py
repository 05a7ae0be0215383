"""What goes down to kiosks: rosters, settings, forms and messages, in versions, sealed to one kiosk, part by part."""
