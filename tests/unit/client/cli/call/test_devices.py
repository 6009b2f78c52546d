"""Sound devices, with PortAudio's Python side replaced: what is asked of it, and what is said where it is missing."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from kallglot.cli.call.devices import Loudspeaker, loudspeaker, microphone
from kallglot.cli.problems import UsageProblem


class PortAudioError(Exception):
    pass


class FakeStream:
    opened: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, **options: Any) -> None:
        FakeStream.opened.append(options)

    def __enter__(self) -> FakeStream:
        return self

    def __exit__(self, *_error: object) -> None: ...


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    FakeStream.opened = []
    fake = SimpleNamespace(RawInputStream=FakeStream, RawOutputStream=FakeStream, PortAudioError=PortAudioError)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return FakeStream.opened


def test_a_microphone_delivers_sixteen_bits_of_one_channel(devices: list[dict[str, Any]]) -> None:
    heard: list[bytes] = []
    with microphone(16000, heard.append):
        [asked] = devices
        asked["callback"](memoryview(b"\x01\x02"), 1, None, None)
    assert heard == [b"\x01\x02"]
    assert {name: asked[name] for name in ("samplerate", "channels", "dtype", "blocksize")} == {
        "samplerate": 16000,
        "channels": 1,
        "dtype": "int16",
        "blocksize": 320,
    }


def test_a_loudspeaker_plays_in_order_and_silence_behind(devices: list[dict[str, Any]]) -> None:
    with loudspeaker(8000) as speaker:
        speaker.play(b"\x01\x00\x02\x00")
        speaker.play(b"\x03\x00")
        out = bytearray(8)
        devices[0]["callback"](memoryview(out), 4, None, None)
    assert bytes(out) == b"\x01\x00\x02\x00\x03\x00\x00\x00"


def test_what_would_be_played_in_more_than_a_minute_is_left_out() -> None:
    speaker = Loudspeaker(8000)
    for _ in range(70):
        speaker.play(b"\x01\x00" * 8000)
    out = bytearray(2 * 8000 * 61)
    speaker.fill(memoryview(out))
    assert bytes(out).rstrip(b"\x00").count(1) == 60 * 8000


def test_a_device_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_options: Any) -> Any:
        raise PortAudioError("no default input device")

    monkeypatch.setitem(
        sys.modules, "sounddevice", SimpleNamespace(RawInputStream=broken, PortAudioError=PortAudioError)
    )
    with (
        pytest.raises(UsageProblem, match="microphone cannot be opened: no default input device"),
        microphone(8000, print),
    ):
        pass


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImportError("no"), r"pip install 'kallglot-client\[microphone\]'"),
        (OSError("PortAudio library not found"), "libportaudio2"),
    ],
)
def test_without_portaudio_it_is_said_what_to_do(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    really: Callable[..., Any] = builtins.__import__

    def failing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "sounddevice":
            raise error
        return really(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(builtins, "__import__", failing)
    with pytest.raises(UsageProblem, match=said), microphone(8000, print):
        pass
