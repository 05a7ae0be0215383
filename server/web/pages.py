"""Pages: templates of all capabilities, one Jinja environment a language, and what every page is given.

A capability keeps its templates in `server/<capability>/templates/` and names them `<capability>/page.html`.
"""

from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from provisioning.languages import OWN_NAMES, direction
from server.services import Services
from server.web import times
from server.web.words import catalogues, language_of

_SERVER = Path(__file__).parent.parent


def render(request: Request, template: str, *, status_code: int = 200, **context: Any) -> HTMLResponse:
    """Answer `request` with a page, in its language."""
    return HTMLResponse(render_text(request, template, **context), status_code)


def render_text(request: Request, template: str, **context: Any) -> str:
    """The page's HTML. Every page is given its language, its session (or None), the district and the clock."""
    services: Services = request.app.state.services
    language = language_of(request)
    now = services.clock()
    return (
        _environment(language)
        .get_template(template)
        .render(
            language=language,
            direction=direction(language),
            languages={code: OWN_NAMES[code] for code in OWN_NAMES if code in catalogues()},
            session=getattr(request.state, "session", None),
            district_name=services.settings.district_name,
            demo=services.settings.demo,
            path=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            today=times.india_day(now),
            age=partial(_age, language, services.now_ms()),
            **context,
        )
    )


@cache
def _environment(language: str) -> Environment:
    folders = {folder.parent.name: FileSystemLoader(folder) for folder in sorted(_SERVER.glob("*/templates"))}
    environment = Environment(
        loader=PrefixLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogues()[language], newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        time=times.clock_time,
        day=times.day_text,
        day_and_time=times.day_and_time,
        long_day=partial(times.long_day, language),
        month_name=partial(times.month_name, language),
        kilograms=_kilograms,
    )
    environment.policies["ext.i18n.trimmed"] = True
    return environment


def _age(language: str, now_ms: int, ms: int) -> str:
    return times.age_text(catalogues()[language], now_ms - ms)


def _kilograms(grams: int) -> str:
    """Two decimals, Western digits: `11.42`."""
    return f"{grams / 1000:.2f}"
