from __future__ import annotations

import pytest

from media_worker.audio.channels import split
from media_worker.audio.formats import DECODE, ENCODE, FORMATS, Encoding

PCM = b"".join(value.to_bytes(2, "little", signed=True) for value in range(-32000, 32000, 320))


def test_there_are_three_encodings_at_four_rates() -> None:
    assert len(FORMATS) == 12


@pytest.mark.parametrize("encoding", Encoding)
def test_what_is_encoded_sounds_the_same_when_decoded(encoding: Encoding) -> None:
    back = DECODE[encoding](ENCODE[encoding](PCM))
    for start in range(0, len(PCM), 2):
        was = int.from_bytes(PCM[start : start + 2], "little", signed=True)
        now = int.from_bytes(back[start : start + 2], "little", signed=True)
        assert abs(now - was) <= max(16, abs(was) * 0.04)


def test_left_and_right_come_apart_exactly() -> None:
    left, right = b"\x01\x02\x03\x04", b"\x0a\x0b\x0c\x0d"
    assert split(b"\x01\x02\x0a\x0b\x03\x04\x0c\x0d") == (left, right)
