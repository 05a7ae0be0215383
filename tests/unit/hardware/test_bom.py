"""The bill of materials: whole, told apart, and the same on its page."""

import re

from hardware.parts import HERE, PAGE, UNITS, page, read_parts
from hardware.pin_table import read_pin_table

PARTS = read_parts()


def test_the_page_is_the_list():
    assert PAGE.read_text(encoding="utf-8") == page(PARTS)


def test_every_part_says_what_it_is_how_many_and_why():
    for one in PARTS:
        assert one.unit in UNITS
        assert one.part
        assert one.why
        assert re.fullmatch(r"[1-9]\d*( set)?", one.quantity), one.ref


def test_a_reference_names_one_part():
    references = [one.ref for one in PARTS]
    assert len(set(references)) == len(references)


def test_there_is_a_load_cell_for_every_one_that_is_wired():
    wired = sum(part.name.startswith("cell") for part in read_pin_table().part)
    (cells,) = [one for one in PARTS if "load cell" in one.part]
    assert int(cells.quantity) == wired


def test_every_file_the_list_names_is_there():
    for one in PARTS:
        said = f"{one.needed} {one.source} {one.alternative}"
        for name in re.findall(r"(?:enclosure|wiring|figures)/[a-z_]+\.[a-z]+", said):
            assert (HERE / name).is_file(), name


def test_no_price_stands_without_a_source_and_a_date():
    text = " ".join(" ".join((one.part, one.needed, one.alternative, one.why)) for one in PARTS)
    assert not re.search(r"₹|\bRs\b|INR|USD|\$|€", text)
