"""The web application of a district: every capability's routes in one FastAPI app.

`create_app(Services(...))` makes it; `server.services` says what it must be given.
"""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from server import health
from server.accounts import routes as accounts
from server.accounts.access import AccessLog
from server.accounts.outbox import DemoOutbox
from server.cards import routes as cards
from server.centres import api
from server.centres import routes as centres
from server.centres.enrolment import Enrolment
from server.grievances import routes as grievances
from server.growth import routes as growth
from server.growth.reports import Reports as GrowthReports
from server.services import Services
from server.supervision import routes as supervision
from server.supervision.form import shipped_forms
from server.verification import routes as verification
from server.verification.reports import Reports
from server.web import problems
from server.web.protection import Protection

API = "/api/v1"
STATIC = Path(__file__).parent / "web" / "static"


def create_app(services: Services) -> FastAPI:
    """The application, ready to be served; it holds no thread and no connection of its own."""
    app = FastAPI(
        title="Aangan district server",
        description="What the centres of a district reported. Log in at /log-in; the session's cookie authenticates.",
        version="1",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.state.outbox = services.outbox or (DemoOutbox() if services.settings.demo else None)
    app.state.access_log = AccessLog(services)
    app.state.enrolment = Enrolment()
    app.state.reports = Reports()
    app.state.growth_reports = GrowthReports()
    app.state.forms = shipped_forms()
    for capability in (accounts, cards, centres, api, growth, supervision, verification, grievances, health):
        app.include_router(capability.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    app.add_middleware(Protection)
    app.add_middleware(health.Measured)
    return app
