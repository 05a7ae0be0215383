"""Settings are written as TOML that reads back as it was."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.configuration import to_toml

PLAIN = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"))
)
KEYS = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)


@given(st.dictionaries(KEYS, PLAIN), st.dictionaries(KEYS.map(str.upper), st.dictionaries(KEYS, PLAIN)))
def test_settings_read_back_as_they_were_written(plain: dict[str, object], tables: dict[str, object]) -> None:
    assert tomllib.loads(to_toml({**plain, **tables})) == {**plain, **tables}


def test_a_path_is_written_as_its_text_and_none_is_left_out() -> None:
    assert tomllib.loads(to_toml({"a": Path("/x/y"), "b": None})) == {"a": "/x/y"}


def test_what_no_setting_can_be_is_refused() -> None:
    with pytest.raises(TypeError):
        to_toml({"a": [1]})
