"""Piper's voices as a program of its own: the only file that imports piper (GPL-3.0), and itself imported by none.

    python -I piper_program.py THREADS VOICE.onnx…

It shares no code with the product. Requests come on standard input, answers go to standard output, one after the other:

    request   4 bytes of length, then JSON {"voice": number among the arguments, "text": …}
    answer    a letter, 4 bytes of length, then: `r` nothing, all voices are loaded; `a` the whole text as mono 16-bit
              PCM at the voice's rate; `f` why that failed, or, before `r`, why it cannot start

Lengths are big-endian. The end of standard input ends the program at once, whatever it is doing.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import struct
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import onnxruntime
from piper import PiperVoice
from piper.config import PiperConfig

_LENGTH = struct.Struct("!I")


def _load(path: Path, threads: int) -> PiperVoice:
    """As `PiperVoice.load` does it, which would take every core and wait on each at full speed."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])
    config = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    return PiperVoice(session, PiperConfig.from_dict(config))


def _spoken(voices: list[PiperVoice], request: bytes) -> bytes:
    asked = json.loads(request)
    return b"".join(chunk.audio_int16_bytes for chunk in voices[asked["voice"]].synthesize(asked["text"]))


def _read(source: BinaryIO, requests: queue.SimpleQueue[bytes]) -> None:
    """In a thread, so that who asked can go away in the middle of an answer."""
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        requests.put(source.read(_LENGTH.unpack(head)[0]))
    os._exit(0)


def _answer(out: BinaryIO, letter: bytes, body: bytes = b"") -> None:
    out.write(letter + _LENGTH.pack(len(body)) + body)
    out.flush()


def _own_output() -> BinaryIO:
    """What anybody else prints goes to standard error, or it would be taken for an answer."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def main(arguments: list[str]) -> int:
    logging.disable(logging.CRITICAL)  # piper's lines quote what is spoken
    threads, paths, out = int(arguments[0]), [Path(argument) for argument in arguments[1:]], _own_output()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, requests), daemon=True).start()
    voices = []
    for path in paths:
        try:
            voices.append(_load(path, threads))
            voices[-1].phonemize("a")
        except Exception as error:
            _answer(out, b"f", f"the voice {path} cannot be loaded: {type(error).__name__}".encode())
            return 1
    _answer(out, b"r")
    while True:
        try:
            pcm = _spoken(voices, requests.get())
        except Exception as error:  # of one text; its message may quote it
            _answer(out, b"f", type(error).__name__.encode())
        else:
            _answer(out, b"a", pcm)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
