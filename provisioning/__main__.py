"""`python -m provisioning`."""

from provisioning.cli import app

app(prog_name="python -m provisioning")
