"""The server as one process: broker link, ingest, log-in desk, projector and web application, started and stopped
together."""

from datetime import timedelta

import sqlalchemy as sa
import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from anganwadi.ids import DistrictId
from anganwadi.wire.otp import OTP
from server.accounts.outbox import DemoOutbox
from server.app import create_app
from server.groundwork import load_keys, open_database, opened_apart
from server.ingest import greeting
from server.ingest.broker import BrokerLink
from server.ingest.inbound import CHANNELS
from server.ingest.worker import IngestWorker
from server.leases.desk import LogInDesk
from server.otp.desk import OtpDesk
from server.services import Services
from server.settings import ServerSettings
from server.storage import migrations
from server.storage.projector import Projector

log = structlog.get_logger(__name__)


class Server:
    """One district's server."""

    def __init__(self, settings: ServerSettings) -> None:
        """Open the database and put the parts together; nothing runs yet.

        Raises:
            DatabaseUnusable: no database, or its key is missing.
            NotMigrated: its schema is of another version.
        """
        self._settings = settings
        self._engine = open_database(settings)
        district = DistrictId(settings.district)
        keys = load_keys(settings)
        self._broker = BrokerLink(
            settings.broker, district, kiosks=lambda: greeting.kiosks(self._engine, district)
        )
        self._projector = Projector(self._engine, district)
        self._ingest = IngestWorker(
            self._engine,
            district,
            keys,
            self._broker.publish,
            self._projector.wake,
            demo=settings.demo,
            apart_with=opened_apart(settings),
        )
        self._desk = LogInDesk(
            self._engine,
            district,
            keys,
            self._broker.publish,
            self._ingest.receipt,
            timedelta(hours=settings.lease_hours),
            grace_for=timedelta(hours=settings.grace_hours),
            announcing=keys,
        )
        self._outbox = DemoOutbox() if settings.demo else None
        self._otp = OtpDesk(self._engine, district, keys, self._broker.publish, self._outbox)
        if settings.ingest == "inside":
            for channel in CHANNELS:
                self._broker.route(channel, self._ingest.submit)
        self._broker.route("login", self._desk.submit)
        self._broker.route("status", self._desk.submit)
        self._broker.route(OTP, self._otp.submit)

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; what was taken is stored before this returns."""
        parts = [self._projector, *self._own_ingest(), self._desk, self._otp, self._broker]
        for part in parts:
            part.start()
        try:
            uvicorn.run(
                create_app(self._services()),
                host=self._settings.host,
                port=self._settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
            )
        finally:
            for part in reversed(parts):
                part.stop()
            self._engine.dispose()

    def _services(self) -> Services:
        return Services(settings=self._settings, engine=self._engine, ready=self._ready, outbox=self._outbox)

    def _ready(self) -> dict[str, bool]:
        return {
            "broker": self._broker.is_up(),
            "migrations": _is_current(self._engine),
            "log_in_desk": self._desk.is_alive(),
            "otp_desk": self._otp.is_alive(),
            "projector": self._projector.is_alive(),
            **({"ingest": self._ingest.is_alive()} if self._own_ingest() else {}),
        }

    def _own_ingest(self) -> list[IngestWorker]:
        """The ingest that runs in this process, if one does."""
        return [self._ingest] if self._settings.ingest == "inside" else []


def _is_current(engine: sa.Engine) -> bool:
    try:
        return migrations.is_current(engine)
    except SQLAlchemyError:
        log.exception("database_unreachable")
        return False
