"""Structured logs, the same in every program: one JSON line an event on standard error, never with personal data.

Set up before any command does anything: by itself structlog prints a traceback with every local variable's value.
"""

import logging
import sys

import structlog


def set_up_logs(program: str, least: int = logging.INFO) -> None:
    """Send this process's structured logs to standard error, from level `least` on; `program` names it in every
    line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=_on_standard_error,
    )
    structlog.contextvars.bind_contextvars(program=program)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _on_standard_error(*_: object) -> structlog.PrintLogger:
    """The stream as it is at the time of the event."""
    return structlog.PrintLogger(sys.stderr)
