"""The file form of `anganwadi.growth`: `python -m anganwadi.growth IN.csv OUT.csv`.

Columns, spelling of blanks and numbers are those of WHO's R package `anthro`, so that the two outputs can be compared
line by line. Nothing is written until every row has been read and computed.
"""

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer

from anganwadi.growth import Measurements, ZScores, zscores

INPUTS = ("sex", "age_days", "weight_kg", "lenhei_cm", "headc_cm", "muac_cm", "measure", "oedema")
LABELS = ("row", "block")
"""Copied as they are; `row` counts the rows where it is absent."""
OUTPUTS = ZScores.__struct_fields__
_MISSING = ("", "NA")
_SEX = {"1": 1, "m": 1, "2": 2, "f": 2, "": 0, "na": 0}
_OEDEMA = {"y": True, "1": True, "n": False, "2": False, "": False, "na": False}
_MEASURE = {"l": "l", "h": "h", "": "", "na": ""}

Record = dict[str, str]


class BadFile(Exception):
    """The input cannot be used; the text names the file, the row and the remedy."""


class _BadValue(ValueError):
    pass


def read(path: Path) -> list[Record]:
    """The rows of a CSV file as text, columns by name.

    Raises:
        BadFile: it is missing or not CSV in UTF-8, lacks a column, or a row has too few or too many values.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            absent = [name for name in INPUTS if name not in (reader.fieldnames or ())]
            if absent:
                raise BadFile(f"{path}: no column {', '.join(absent)}; needed are {', '.join(INPUTS)}")
            return [_whole(path, number, record) for number, record in enumerate(reader, 1)]
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path}: not a CSV file in UTF-8 ({error})") from error


def _whole(path: Path, number: int, record: dict[str | None, str | None]) -> Record:
    whole = {name: value.strip() for name, value in record.items() if name is not None and value is not None}
    if len(whole) != len(record):
        raise BadFile(f"{path}: row {number}: not as many values as the heading has columns")
    return whole


def measurements(path: Path, records: list[Record]) -> Measurements:
    """The input columns as arrays; `path` is for the error text.

    Raises:
        BadFile: a value is not of its column's kind.
    """

    def column(name: str, parse: Callable[[str], object]) -> list[object]:
        return list(_parsed(path, records, name, parse))

    return Measurements(
        sex=np.array(column("sex", _one_of(_SEX, "1 (male) or 2 (female)")), np.int64),
        age_days=np.array(column("age_days", _age), np.float64),
        weight_kg=np.array(column("weight_kg", _number), np.float64),
        lenhei_cm=np.array(column("lenhei_cm", _number), np.float64),
        headc_cm=np.array(column("headc_cm", _number), np.float64),
        muac_cm=np.array(column("muac_cm", _number), np.float64),
        measure=np.array(column("measure", _one_of(_MEASURE, "L (lying), H (standing) or blank")), np.str_),
        oedema=np.array(column("oedema", _one_of(_OEDEMA, "y or n")), np.bool_),
    )


def _parsed(path: Path, records: list[Record], name: str, parse: Callable[[str], object]) -> Iterator[object]:
    for number, record in enumerate(records, 1):
        try:
            yield parse(record[name])
        except _BadValue as error:
            raise BadFile(f"{path}: row {number}: {name} is {record[name]!r}, {error}") from error


def _number(text: str) -> float:
    if text in _MISSING:
        return math.nan
    try:
        value = float(text)
    except ValueError as error:
        raise _BadValue("not a number") from error
    if not math.isfinite(value) or "_" in text:
        raise _BadValue("not a number")
    return value


def _age(text: str) -> float:
    age = _number(text)
    if age < 0:
        raise _BadValue("an age before birth")
    return age


def _one_of(allowed: Mapping[str, object], wanted: str) -> Callable[[str], object]:
    def parse(text: str) -> object:
        try:
            return allowed[text.lower()]
        except KeyError as error:
            raise _BadValue(f"not {wanted}") from error

    return parse


def write(path: Path, records: list[Record], result: ZScores) -> None:
    """Labels and inputs as they were read, then the results.

    Raises:
        BadFile: the file cannot be written.
    """
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow((*LABELS, *INPUTS, *OUTPUTS))
            rows.writerows(_lines(records, result))
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error


def _lines(records: list[Record], result: ZScores) -> Iterator[list[str]]:
    columns = zip(*_result_columns(result), strict=True)
    for number, (record, values) in enumerate(zip(records, columns, strict=True), 1):
        labels = [record.get("row", str(number)), record.get("block", "")]
        yield labels + [record[name] for name in INPUTS] + list(values)


def _result_columns(result: ZScores) -> Iterator[Iterable[str]]:
    """The results as text. A flag is blank where its z-score is."""
    for name, values in msgspec.structs.asdict(result).items():
        if name == "cmeasure":
            yield values.tolist()
        elif name == "c9mo_flag":
            yield ("1" if flag else "0" for flag in values.tolist())
        elif name.startswith("f"):
            z = getattr(result, "z" + name[1:])
            yield ("" if blank else "1" if f else "0" for f, blank in zip(values, np.isnan(z), strict=True))
        else:
            yield map(_text, values.tolist())


def _text(value: float) -> str:
    """Up to 15 significant digits, as R prints them."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return f"{value:.15g}"


app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def growth(
    source: Annotated[Path, typer.Argument(metavar="IN.csv", help="Measurements, one child a row.")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT.csv", help="Where the results go; replaced if there.")
    ],
) -> None:
    """WHO 2006 z-scores for a file of measurements.

    IN.csv needs the columns sex (1 male, 2 female), age_days, weight_kg, lenhei_cm, headc_cm, muac_cm, measure
    (L lying, H standing) and oedema (y, n); blank or NA where not known. The columns row and block are copied, others
    are ignored. OUT.csv has the same and WHO's results: clenhei, cmeasure, c9mo_flag, cbmi, the z-scores zlen zwei
    zwfl zbmi zhc zac, and the flags flen fwei fwfl fbmi fhc fac for implausible ones. A blank z-score is one that
    cannot be computed.
    """
    try:
        records = read(source)
        write(target, records, zscores(measurements(source, records)))
    except BadFile as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{len(records)} rows written to {target}")
