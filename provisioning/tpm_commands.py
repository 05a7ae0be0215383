"""`python -m provisioning tpm`: a kiosk's TPM, on the kiosk itself, before it is used."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from provisioning import tpm
from provisioning.files import write_private

app = typer.Typer(
    help="A kiosk's TPM, which lets workers log in while the network is down.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

Tcti = Annotated[str, typer.Option(help="How tpm2-tss reaches the TPM.")]
DEVICE = "device:/dev/tpm0"


@app.command("prepare")
def prepare(
    tcti: Tcti = DEVICE,
    recovery: Annotated[
        int, typer.Option(min=60, help="After how many minutes the TPM forgets one wrong PIN.")
    ] = tpm.RECOVERY_S // 60,
    keep: Annotated[
        Path | None,
        typer.Option(
            help="Write the lock-out password here. Take it off the kiosk. Without this nobody has it, and a locked "
            "TPM unlocks itself with time only."
        ),
    ] = None,
) -> None:
    """Let the TPM lock after five wrong PINs, and close that setting with a password."""
    password, device = tpm.new_lockout_password(), tpm.Tpm(tcti)
    try:
        if device.lockout().guarded:
            raise tpm.TpmTaken
        if keep is not None:
            _write_new(keep, password)  # before it is set: one that is kept nowhere cannot be had again
        tpm.prepare(device, password, recovery_s=recovery * 60)
    except (tpm.TpmError, tpm.TpmTaken, OSError) as error:
        raise _said(error) from error
    out.print(f"prepared: locks after {tpm.MAX_TRIES} wrong PINs, forgets one in {recovery} minutes")


@app.command("status")
def status(tcti: Tcti = DEVICE) -> None:
    """Say whether the TPM is prepared, and how many wrong PINs it counts."""
    try:
        state = tpm.Tpm(tcti).lockout()
    except tpm.TpmError as error:
        raise _said(error) from error
    out.print(
        f"{'prepared' if state.prepared else 'not prepared'}: {state.wrong} of {state.most} wrong PINs, "
        f"one forgotten in {state.recovery_s // 60} minutes"
    )
    if not state.prepared:
        raise typer.Exit(1)


def _write_new(path: Path, password: str) -> None:
    """Keep the password in a file of its own.

    Raises:
        OSError: it cannot be written, or there is something already.
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already and was left as it is: give another name")
    write_private(path, password.encode())


def _said(error: Exception) -> typer.Exit:
    """What the user can mend is said, without a traceback."""
    err.print(str(error), markup=False)
    return typer.Exit(1)
