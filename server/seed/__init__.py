"""The demo district's people: made up, believable, the same every time, and never anyone's real data."""
