"""The commands of `python -m server` that are more than a few lines, one module a subject."""
