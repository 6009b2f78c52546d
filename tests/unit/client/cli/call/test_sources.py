from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
from array import array
from pathlib import Path
from typing import Any

import pytest

from kallglot import audio
from kallglot.cli.call.sources import format_of, pieces_of
from kallglot.cli.problems import Failed, UsageProblem

SOUND = bytes(range(250)) * 100


def options(**given: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"sound": None, "stereo": False, "rate": 16000, "encoding": "pcm_16", **given})


async def everything(given: argparse.Namespace) -> bytes:
    pieces = pieces_of(given, format_of(given))
    assert pieces is not None
    return b"".join([piece async for piece in pieces])


def test_without_a_file_nobody_reads_one() -> None:
    assert pieces_of(options(), format_of(options())) is None


async def test_a_file_is_sixteen_bits_at_sixteen_kilohertz(tmp_path: Path) -> None:
    audio.write_wav(tmp_path / "a.wav", array("h", [1000] * 8000))
    given = options(sound=str(tmp_path / "a.wav"))
    assert (format_of(given).encoding, format_of(given).rate_hz) == ("pcm_16", 16000)
    assert len(await everything(given)) == pytest.approx(32000, abs=8)


@pytest.mark.parametrize("content", [None, b"no sound"])
def test_a_file_that_is_none_is_found_before_anything_is_asked_of_the_api(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "a.wav").write_bytes(content)
    given = options(sound=str(tmp_path / "a.wav"))
    with pytest.raises(Failed, match=r"a\.wav"):
        pieces_of(given, format_of(given))


async def test_a_pipe_is_read_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb") as other_end:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
        given = options(sound="-", rate=8000, encoding="mulaw")
        assert (format_of(given).encoding, format_of(given).rate_hz) == ("mulaw", 8000)
        reader = asyncio.create_task(everything(given))
        for start in range(0, len(SOUND), 999):
            other_end.write(SOUND[start : start + 999])
            await asyncio.sleep(0)
        other_end.close()
        assert await reader == SOUND


async def test_so_is_a_file_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "raw").write_bytes(SOUND)
    with (tmp_path / "raw").open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert await everything(options(sound="-")) == SOUND


def test_a_terminal_is_no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Keyboard())
    with pytest.raises(UsageProblem, match="arecord"):
        pieces_of(options(sound="-"), format_of(options(sound="-")))


def test_stereo_has_two_channels() -> None:
    assert format_of(options(sound="a.wav", stereo=True)).channels == 2
    assert format_of(options(sound="-", stereo=True)).channels == 2
