"""Where the words of a caller come from: a WAV file, raw sound on stdin, a microphone.

Whatever is wrong with them is found before a session is created.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kallglot.cli.problems import Failed, UsageProblem

if TYPE_CHECKING:
    from kallglot.stream.sound import SoundFormat

STDIN = "-"
_PIECE_MS = 100


def format_of(options: argparse.Namespace) -> SoundFormat:
    """What goes over the stream: stdin's own format, else what recognisers like best."""
    from kallglot.stream.sound import WIDE, SoundFormat  # noqa: PLC0415

    if options.sound == STDIN:
        return SoundFormat(options.encoding, options.rate, 2 if options.stereo else 1)
    return SoundFormat(WIDE.encoding, WIDE.rate_hz, 2) if options.stereo else WIDE


def pieces_of(options: argparse.Namespace, format: SoundFormat) -> AsyncIterator[bytes] | None:
    """None for a microphone, which delivers by itself, or when there is nothing but text to say."""
    if options.sound == STDIN:
        if sys.stdin.isatty():
            raise UsageProblem(
                "`talk -` reads raw sound: pipe it in, as in `arecord -f S16_LE -r 16000 | kallglot talk -`"
            )
        return _from_stdin(format)
    if options.sound is not None:
        return _each(_begun(Path(options.sound), format))
    return None


def _begun(path: Path, format: SoundFormat) -> Iterator[bytes]:
    """The file, of which the first piece has been read already."""
    from kallglot.wav import speech  # noqa: PLC0415

    pieces = speech(path, format)
    try:
        first = next(pieces, b"")
    except (OSError, ValueError) as error:
        raise Failed(error) from error
    return chain([first], pieces)


async def _each(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _from_stdin(format: SoundFormat) -> AsyncIterator[bytes]:
    size = format.frame_bytes(_PIECE_MS)
    reader = asyncio.StreamReader(limit=4 * size)
    try:
        pipe = sys.stdin.buffer
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
    except ValueError:  # a file: nothing to wait for
        while piece := sys.stdin.buffer.read(size):
            yield piece
        return
    try:
        while piece := await reader.read(size):
            yield piece
    finally:
        transport.close()
