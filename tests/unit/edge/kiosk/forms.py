"""Reading a page as a browser does: its forms and the fields one types in."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

UNTYPED = {"hidden", "radio", "checkbox", "submit"}


@dataclass
class Form:
    """A form's attributes and those of the fields one types in."""

    attributes: dict[str, str | None]
    types: list[dict[str, str | None]] = field(default_factory=list)

    @property
    def is_forgotten(self) -> bool:
        """Whether the browser keeps nothing of what is typed in."""
        if not self.types:
            return True
        return self.attributes.get("autocomplete") == "off" and all(
            each.get("autocomplete") == "off" and "value" not in each for each in self.types
        )


class FormReader(HTMLParser):
    """The forms of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    @classmethod
    def read(cls, page: str) -> Self:
        reader = cls()
        reader.feed(page)
        return reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self.forms.append(Form(attributes))
        elif tag == "input" and self.forms and attributes.get("type") not in UNTYPED:
            self.forms[-1].types.append(attributes)
