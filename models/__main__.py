"""`python -m models`."""

from models.cli import app

app()
