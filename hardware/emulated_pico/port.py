"""The Pico's USB serial port as a pseudo-terminal, with a host that waits as a real one does.

A real host's bulk OUT endpoint stays empty until there is something to send. The emulator's own host answers each read
with nothing at once, which keeps the Pico busy with empty packets and makes it twenty times slower than it need be.
"""
# pyright: reportMissingImports=false

from rp2040py.cli.pty_repl import PtyInteractiveRepl
from rp2040py.simulator import Simulator
from rp2040py.usb.cdc import USBCDC


class SerialPort(PtyInteractiveRepl):
    """`slave_path` is the port to open once it has started."""

    def __init__(self, cdc: USBCDC, simulator: Simulator) -> None:
        super().__init__(cdc, simulator, on_quit=simulator.shutdown_request.request)
        self._cdc_answer = cdc.usb.on_endpoint_read
        self._asked: tuple[int, int] | None = None
        cdc.usb.on_endpoint_read = self._asked_for_bytes

    def pump(self) -> bool:
        """Hand over what fits, and answer the Pico's waiting read with it."""
        sent_all = super().pump()
        if self._asked is not None and self._cdc.tx_fifo.item_count:
            asked, self._asked = self._asked, None
            self._cdc_answer(*asked)
        return sent_all

    def _asked_for_bytes(self, endpoint: int, size: int) -> None:
        if endpoint and not self._cdc.tx_fifo.item_count:
            self._asked = (endpoint, size)
        else:
            self._cdc_answer(endpoint, size)
