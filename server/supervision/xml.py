"""XML from outside, read without entities, document types or network."""

from lxml import etree
from lxml.etree import _Element as Element


class UnsafeXmlError(ValueError):
    """The document is not well formed, or declares a document type."""


def parse_xml(document: bytes) -> Element:
    """The root of a document.

    Raises:
        UnsafeXmlError: not well formed, nested too deep, or with a document type (so that no entity is expanded).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise UnsafeXmlError(f"Not a readable XML document: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise UnsafeXmlError("A document type is not allowed here.")
    return root


def qualified(namespace: str, name: str) -> str:
    """lxml's way of writing a name in a namespace."""
    return f"{{{namespace}}}{name}"


def local_name(element: Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname
