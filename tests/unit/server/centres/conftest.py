"""The web application of a small district."""

from tests.unit.server.web_district import web

__all__ = ["web"]
