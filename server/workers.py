"""The server's ingest alone, as a process of its own: several share what kiosks send, beside one process of pages.

    server.toml of the pages: ingest = "workers"
    python -m server ingest --certificate worker-1/tls.crt --key worker-1/tls.key
    python -m server ingest --certificate worker-2/tls.crt --key worker-2/tls.key

Each needs a certificate of its own, since the broker knows its clients by them. Frames of one kiosk may come to
different workers, and out of order: whichever comes too early waits in the database until what is missing was stored,
by whomever. A worker that dies takes nothing with it that it acknowledged.
"""

import signal
import threading

import structlog
from prometheus_client import start_http_server

from anganwadi.ids import DistrictId
from provisioning.authority import common_name, read_certificate
from server.groundwork import load_keys, open_database, opened_apart
from server.ingest.broker import BrokerLink
from server.ingest.inbound import CHANNELS
from server.ingest.worker import IngestWorker
from server.settings import ServerSettings

GROUP = "ingest"
"""The name under which the workers of a district share their subscription."""

log = structlog.get_logger(__name__)


class Worker:
    """One ingest process."""

    def __init__(self, settings: ServerSettings, metrics_port: int | None = None) -> None:
        """Open the database and put the parts together; nothing runs yet.

        Raises:
            DatabaseUnusable: no database, or its key is missing.
            NotMigrated: its schema is of another version.
        """
        self._engine = open_database(settings)
        district = DistrictId(settings.district)
        name = common_name(read_certificate(settings.broker.certificate))
        self._broker = BrokerLink(settings.broker, district, name, group=GROUP)
        self._ingest = IngestWorker(
            self._engine,
            district,
            load_keys(settings),
            self._broker.publish,
            lambda: None,
            demo=settings.demo,
            apart_with=opened_apart(settings),
        )
        for channel in CHANNELS:
            self._broker.route(channel, self._ingest.submit)
        self._metrics_port = metrics_port
        self._stopped = threading.Event()

    def run(self) -> None:
        """Take what comes until SIGINT or SIGTERM; what was taken is stored before this returns."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopped.set())
        if self._metrics_port is not None:
            start_http_server(self._metrics_port, addr="127.0.0.1")
        self._ingest.start()
        self._broker.start()
        log.info("ingest_worker_up")
        self._stopped.wait()
        self._broker.stop()
        self._ingest.stop()
        self._engine.dispose()
