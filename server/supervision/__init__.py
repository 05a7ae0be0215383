"""Supportive supervision: the checklist form, the submissions that come back, and the score of a visit."""
