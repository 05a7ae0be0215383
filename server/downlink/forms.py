"""The forms as a kiosk gets them: what the supervisor will look at, in every language, without the marks."""

from functools import lru_cache

from anganwadi.wire.downlink import Form, FormItem, Forms, FormSection
from server.supervision import form as xlsforms


@lru_cache(maxsize=1)
def for_kiosks() -> Forms:
    """The checklist in its newest version, the same for every centre."""
    return Forms((_shown(xlsforms.shipped_forms().current()),))


def _shown(form: xlsforms.Form) -> Form:
    return Form(
        form_id=form.form_id,
        version=form.version,
        title=form.title,
        sections=tuple(FormSection(section.code, section.labels) for section in form.sections),
        items=tuple(
            FormItem(item.code, item.section, item.labels, item.critical) for item in form.items.values()
        ),
    )
