"""The part of lxml.etree that Aangan uses; lxml ships no types."""

from collections.abc import Iterator
from typing import overload

class XMLSyntaxError(SyntaxError): ...

class DocInfo:
    doctype: str

class ElementTree:
    docinfo: DocInfo

class _Element:
    text: str | None
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[_Element]: ...
    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, default: str) -> str: ...
    def find(self, path: str) -> _Element | None: ...
    def findall(self, path: str) -> list[_Element]: ...
    def findtext(self, path: str, default: str = ...) -> str: ...
    def iter(self, *tags: str) -> Iterator[_Element]: ...
    def getroottree(self) -> ElementTree: ...

class XMLParser:
    def __init__(
        self,
        *,
        resolve_entities: bool = ...,
        load_dtd: bool = ...,
        no_network: bool = ...,
        huge_tree: bool = ...,
        remove_comments: bool = ...,
        remove_pis: bool = ...,
    ) -> None: ...

class QName:
    localname: str
    def __init__(self, element: _Element) -> None: ...

def fromstring(text: bytes, parser: XMLParser | None = ...) -> _Element: ...
