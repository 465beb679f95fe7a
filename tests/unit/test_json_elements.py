"""Splitting a JSON array into its elements, however it is cut into pieces and whatever stands in it."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.features.personal_data import elements as module
from ai_chat.features.personal_data.elements import Broken, elements

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=6), st.integers(1, 9), st.booleans())
def test_every_element_is_found_however_the_file_is_read(values: list[object], chunk: int, ascii_only: bool) -> None:
    text = json.dumps(values, ensure_ascii=ascii_only, indent=1).encode("utf-8", "surrogatepass")
    kept, module._CHUNK = module._CHUNK, chunk
    try:
        found = [json.loads(one) for one in elements(BytesIO(text), 10_000) if one is not None]
    finally:
        module._CHUNK = kept
    assert found == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'\xef\xbb\xbf [1, "]", {"a": [2]}] ', [b"1", b'"]"', b'{"a": [2]}']),
        (b'{"one": 1}', [b'{"one": 1}']),
        (b"[1, 2", [b"1", None]),
        (b'[1, "unended', [b"1", None]),
        (b'["a\\', [None]),
        (b"[]", []),
        (b'["' + b"x" * 5000 + b'", 7]', [None, b"7"]),
    ],
)
def test_what_is_cut_off_or_too_long_is_none(text: bytes, found: list[bytes | None]) -> None:
    kept, module._CHUNK = module._CHUNK, 64
    try:
        assert list(elements(BytesIO(text), 1000)) == found
    finally:
        module._CHUNK = kept


@pytest.mark.parametrize("text", [b"", b"  ", b"hello", b'"a"', b"12"])
def test_what_is_neither_array_nor_object_is_broken(text: bytes) -> None:
    with pytest.raises(Broken):
        list(elements(BytesIO(text), 1000))
