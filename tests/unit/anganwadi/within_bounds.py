"""Hypothesis strategies for msgspec structs, true to the bounds that their fields declare."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

LARGEST = 2**40
FEW = 12
"""Text, bytes and arrays are drawn no longer than this, or than their bounds."""


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type that msgspec reads back."""
    return _of(inspect.type_info(kind))


def _of(form: inspect.Type) -> st.SearchStrategy[Any]:
    match form:
        case inspect.Metadata(type=inner):
            return _of(inner)
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=ge, gt=gt, le=le, lt=lt):
            least = ge if ge is not None else 0 if gt is None else gt + 1
            return st.integers(least, le if le is not None else LARGEST if lt is None else lt - 1)
        case inspect.FloatType(ge=ge, le=le):
            return st.floats(ge, le, allow_nan=False, allow_infinity=False)
        case inspect.StrType(min_length=least, max_length=most):
            return st.text(min_size=least or 0, max_size=_few(least, most))
        case inspect.BytesType(min_length=least, max_length=most):
            return st.binary(min_size=least or 0, max_size=_few(least, most))
        case inspect.DateType():
            return st.dates(date(1950, 1, 1), date(2099, 12, 31))
        case inspect.DateTimeType():
            return st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))
        case inspect.EnumType(cls=cls):
            return st.sampled_from(cls)
        case inspect.VarTupleType(item_type=item, min_length=least, max_length=most):
            return st.lists(_of(item), min_size=least or 0, max_size=_few(least, most)).map(tuple)
        case inspect.UnionType(types=types):
            return st.one_of(*map(_of, types))
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: _of(field.type) for field in fields})
        case _:
            raise NotImplementedError(f"no strategy for {form}")


def _few(least: int | None, most: int | None) -> int:
    return max(least or 0, FEW if most is None else min(most, FEW))
