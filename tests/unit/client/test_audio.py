from __future__ import annotations

import audioop
from array import array
from pathlib import Path

import pytest

from kallglot import audio


def test_decoding_agrees_with_g711_for_every_code() -> None:
    codes = bytes(range(256))
    assert audio.decode(codes).tobytes() == audioop.ulaw2lin(codes, 2)


def test_encoding_agrees_with_g711_for_every_sample() -> None:
    samples = array("h", range(-32768, 32768))
    assert audio.encode(samples) == audioop.lin2ulaw(samples.tobytes(), 2)


def test_a_file_keeps_its_channels_apart(tmp_path: Path) -> None:
    left, right = array("h", [1, 2, 3]), array("h", [-1, -2, -3])
    audio.write_wav(tmp_path / "two.wav", left, right)
    assert audio.read_wav_channels(tmp_path / "two.wav") == [left, right]
    assert audio.read_wav(tmp_path / "two.wav") == left


def test_a_file_at_another_rate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audio.write_wav(tmp_path / "other.wav", array("h", [1, 2, 3]))
    monkeypatch.setattr(audio, "RATE_HZ", 16000)
    with pytest.raises(ValueError, match="16000 Hz"):
        audio.read_wav(tmp_path / "other.wav")
