from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.client_state import ClientState, packed, unpacked

STATE = ClientState("sess_1", "leg_1", "agent", "kst_live_x")


def test_what_was_packed_comes_out_as_it_was() -> None:
    assert unpacked(packed(STATE)) == STATE
    assert "kst_live_x" not in repr(STATE)


@pytest.mark.parametrize("text", [None, "", "bm90IG91cnM=", "e30=", "not base64", "W10=", "A" * 3000])
def test_what_is_not_ours_is_nothing(text: str | None) -> None:
    assert unpacked(text) is None


def test_fields_of_another_kind_are_nothing() -> None:
    assert unpacked(base64.b64encode(b'{"s":1,"l":"leg_1","p":"agent","t":"x"}').decode()) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    unpacked(base64.b64encode(data).decode())
    unpacked(data.decode("latin-1"))
