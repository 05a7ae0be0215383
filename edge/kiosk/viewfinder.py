"""The camera as the pages use it: on while somebody looks, off soon after, and started again by itself when it failed.

Pictures pass through RAM only. `jpeg_stream` is the live picture on a page, as MJPEG.
"""

import threading
import time
from collections.abc import Callable, Iterator

import cv2
import structlog

from edge.devices.camera import Camera, CameraError, CameraLate, Frame, Hears

OFF_AFTER_S = 20.0
"""How long the camera stays on after the last look."""

START_LIMIT_S = 4.0
"""How long the first picture may take."""

REST_S = 2.0
"""How long after a failed start the next one is tried."""

PICTURE_GAP_S = 0.1
"""Time between two pictures of the stream: ten a second are enough to turn one's face by."""

BOUNDARY = "aangan-frame"
JPEG_QUALITY = 75

log = structlog.get_logger(__name__)


class Viewfinder:
    """One camera, or none, shared by the pages. Thread-safe."""

    def __init__(self, camera: Camera | None) -> None:
        self._camera = camera
        self._lock = threading.RLock()
        self._on = False
        self._starts = 0
        self._looked = 0.0
        self._failed: tuple[float, str] | None = None

    @property
    def simulated(self) -> bool:
        return self._camera is not None and self._camera.simulated

    def frame(self, after: int | None = None) -> Frame:
        """The latest picture, or the next one after the sequence number `after`; starts the camera if it is off.

        Raises:
            CameraError: no picture; the text says what to do.
        """
        camera, start = self._running()
        self._looked = time.monotonic()
        try:
            return camera.frame(after)
        except CameraError as error:
            with self._lock:
                if (
                    self._on and start == self._starts
                ):  # else it was switched off meanwhile, which is no failure
                    self._fail(error)
            raise

    def ask(self, prompt: str) -> None:
        """Let a simulated person hear what is asked; a real one is asked by the screen and the loudspeaker."""
        if isinstance(self._camera, Hears):
            self._camera.hear(prompt)

    def warm_up(self) -> None:
        """Start the camera beside whatever goes on, so that it runs when somebody stands there."""
        threading.Thread(target=self.works, name="camera-warm-up", daemon=True).start()

    def works(self) -> bool:
        """Whether it gives a picture now."""
        try:
            self.frame()
        except CameraError:
            return False
        return True

    def rest(self) -> None:
        """Switch the camera off if nobody has looked for a while. Called every few seconds."""
        with self._lock:
            if self._on and time.monotonic() - self._looked > OFF_AFTER_S:
                self.off()

    def off(self) -> None:
        """Switch the camera off now."""
        with self._lock:
            if self._on and self._camera is not None:
                self._on = False
                self._camera.stop()

    def try_again(self) -> None:
        """Forget an earlier failure, so that the next look starts the camera at once."""
        with self._lock:
            self._failed = None

    def _running(self) -> tuple[Camera, int]:
        """The camera, on; and how often it was started by now."""
        with self._lock:
            if self._camera is None:
                raise CameraError("no camera is connected: connect one and start the kiosk again")
            if self._failed is not None and time.monotonic() - self._failed[0] < REST_S:
                raise CameraError(self._failed[1])
            if not self._on:
                self._start(self._camera)
            return self._camera, self._starts

    def _start(self, camera: Camera) -> None:
        try:
            camera.start()
            self._on, self._starts = True, self._starts + 1
            _first_picture(camera)
        except CameraError as error:
            self._fail(error)
            raise
        self._failed = None

    def _fail(self, error: CameraError) -> None:
        with self._lock:
            log.warning("camera_failed", reason=str(error))
            self._failed = (time.monotonic(), str(error))
            self.off()


def _first_picture(camera: Camera) -> None:
    """Wait for a camera that is warming up."""
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            camera.frame()
            return
        except CameraLate:
            if time.monotonic() > deadline:
                raise


def jpeg_stream(viewfinder: Viewfinder, goes_on: Callable[[], bool]) -> Iterator[bytes]:
    """Parts of a multipart stream, one picture each, until `goes_on` says no. Without a camera it waits for one.

    The picture is mirrored, as in a looking-glass, so that she moves the right way.
    """
    sequence: int | None = None
    while goes_on():
        try:
            frame = viewfinder.frame(sequence)
        except CameraError:
            sequence = None
            time.sleep(REST_S / 2)
            yield b""  # so that a page that was left is noticed, and does not go on asking for a camera that is gone
            continue
        sequence = frame.sequence
        bgr = cv2.cvtColor(cv2.flip(frame.rgb, 1), cv2.COLOR_RGB2BGR)
        done, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if done:
            yield (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
                + jpeg.tobytes()
                + b"\r\n"
            )
        time.sleep(PICTURE_GAP_S)
