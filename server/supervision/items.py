"""The items of a compiled form, as the server needs them: code, section, kind, marks, and words in each language."""

import re
from typing import Literal

import msgspec

from server.supervision.credit import CreditRule, parse_credit
from server.supervision.xml import Element, local_name, qualified

Kind = Literal["choice", "number", "text", "time", "place"]
Words = dict[str, str]  # by language: "en", "hi", "ur"

NAMESPACE = "urn:aangan:supervision-form"  # declared in the XLSForm's settings
_XFORMS = "http://www.w3.org/2002/xforms"
_KINDS: dict[str, Kind] = {"time": "time", "geopoint": "place"}


class Section(msgspec.Struct, frozen=True):
    """A group of items: one page on the phone."""

    code: str
    labels: Words


class Option(msgspec.Struct, frozen=True):
    """One answer that a choice offers."""

    name: str
    labels: Words


class Item(msgspec.Struct, frozen=True):
    """One line of the checklist.

    `always` says that the form asks it on every visit; `credit` is None for an item that only informs.
    """

    code: str
    section: str
    kind: Kind
    critical: bool
    required: bool
    always: bool
    credit: CreditRule | None
    labels: Words
    options: tuple[Option, ...]


def read_sections(model: Element, body: Element) -> tuple[Section, ...]:
    """The form's groups in their order."""
    words = _Words(model)
    return tuple(
        Section(_code(group.get("ref", "")), words.label(group))
        for group in body.findall(qualified(_XFORMS, "group"))
    )


def read_items(model: Element, body: Element) -> dict[str, Item]:
    """Every question of the form's body, by code. Raises CreditRuleError."""
    words = _Words(model)
    binds = {bind.get("nodeset", ""): bind for bind in model.findall(qualified(_XFORMS, "bind"))}
    lists = _choice_lists(model, words)
    items: dict[str, Item] = {}
    for control in body.iter(qualified(_XFORMS, "input"), qualified(_XFORMS, "select1")):
        path = control.get("ref", "")
        group = binds.get(path.rsplit("/", 1)[0])
        always = binds[path].get("relevant") is None and (group is None or group.get("relevant") is None)
        item = _item(control, binds[path], words, lists, always)
        items[item.code] = item
    return items


def _item(
    control: Element, bind: Element, words: "_Words", lists: dict[str, tuple[Option, ...]], always: bool
) -> Item:
    path = control.get("ref", "")
    code = _code(path)
    rule = bind.get(qualified(NAMESPACE, "credit"))
    return Item(
        code=code,
        section=path.split("/")[-2],
        kind=_kind(control, bind),
        critical=bind.get(qualified(NAMESPACE, "critical")) == "true",
        required=bind.get("required") == "true()",
        always=always,
        credit=parse_credit(rule, code) if rule else None,
        labels=words.label(control),
        options=_options(control, words, lists),
    )


def _kind(control: Element, bind: Element) -> Kind:
    if local_name(control) == "select1":
        return "choice"
    if "numbers" in control.get("appearance", "").split():
        return "number"
    return _KINDS.get(bind.get("type", ""), "text")


def _options(control: Element, words: "_Words", lists: dict[str, tuple[Option, ...]]) -> tuple[Option, ...]:
    itemset = control.find(qualified(_XFORMS, "itemset"))
    if itemset is not None:
        named = re.search(r"instance\('([^']+)'\)", itemset.get("nodeset", ""))
        return lists.get(named[1], ()) if named else ()
    written = control.findall(qualified(_XFORMS, "item"))
    return tuple(Option(one.findtext(qualified(_XFORMS, "value"), ""), words.label(one)) for one in written)


def _choice_lists(model: Element, words: "_Words") -> dict[str, tuple[Option, ...]]:
    lists: dict[str, tuple[Option, ...]] = {}
    for instance in model.findall(qualified(_XFORMS, "instance"))[1:]:
        rows = instance.iter(qualified(_XFORMS, "item"))
        lists[instance.get("id", "")] = tuple(
            Option(
                row.findtext(qualified(_XFORMS, "name"), ""),
                words.of(row.findtext(qualified(_XFORMS, "itextId"), "")),
            )
            for row in rows
        )
    return lists


def _code(path: str) -> str:
    return path.rsplit("/", 1)[-1]


class _Words:
    """The form's itext: one text id, its words by language code."""

    def __init__(self, model: Element) -> None:
        self._by_id: dict[str, Words] = {}
        for translation in model.iter(qualified(_XFORMS, "translation")):
            language = _language(translation.get("lang", ""))
            for text in translation.iter(qualified(_XFORMS, "text")):
                words = text.findtext(qualified(_XFORMS, "value"), "")
                self._by_id.setdefault(text.get("id", ""), {})[language] = words

    def of(self, text_id: str) -> Words:
        return self._by_id.get(text_id, {})

    def label(self, element: Element) -> Words:
        reference = re.search(r"jr:itext\('([^']+)'\)", _label_reference(element))
        return self.of(reference[1]) if reference else {}


def _label_reference(element: Element) -> str:
    label = element.find(qualified(_XFORMS, "label"))
    return label.get("ref", "") if label is not None else ""


def _language(name: str) -> str:
    """`hi` of `Hindi (hi)`, as XLSForm names languages."""
    code = re.search(r"\(([A-Za-z-]+)\)\s*$", name)
    return code[1] if code else name
