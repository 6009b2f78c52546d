"""Apertium (GPL, from Debian) at arm's length: its programs as a pipeline that stays up between sentences.

`apertium` itself is a script that hangs on a pipe held open; the mode files it reads are plain shell pipelines, so
the pipeline is built from them, every program with `-z`: "flush at a null byte". One sentence at a time: text and a
null byte in, text and a null byte out. A pipeline belongs to one thread.
"""

from __future__ import annotations

import os
import re
import selectors
import shlex
import shutil
import subprocess
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from media_worker.engines.base import EngineError

MODES = Path("/usr/share/apertium/modes")
SENTENCE_TIMEOUT_S = 2.0
_READ_BYTES = 64 * 1024
_EXIT_TIMEOUT_S = 1.0

# A full stop of ours closes every text (taggers want an end, and a `^` before a superblank breaks them), then an
# empty superblank to cut at: the programs keep it, and nothing in escaped text can look like it.
_END = ".[][\n]"
_CUT = "[]["
_RESERVED = re.compile(r"([\\^$/<>{}\[\]@])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class PipelineBroken(EngineError):
    """A program of the pipeline ended or did not answer in time; the next sentence gets a new one."""

    def __init__(self) -> None:
        super().__init__("translator_failed", retryable=True)


def escape(text: str) -> str:
    """Text for the stream format: nothing in it can be taken for markup, for the end of the text or a new message."""
    return _RESERVED.sub(r"\\\1", printable(text))


def unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def printable(text: str) -> str:
    """One line without control characters, surrogates or non-characters (one of which the programs read as an end)."""
    kept = "".join(" " if _unfit(character) else character for character in text)
    return " ".join(kept.split())


def _unfit(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Cn", "Zl", "Zp")


def installed(mode: str) -> bool:
    """Whether the mode's file, its programs and its data are all there."""
    try:
        stages = parse_mode((MODES / f"{mode}.mode").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    data = [word for stage in stages for word in stage if word.startswith("/")]
    return all(shutil.which(stage[0]) for stage in stages) and all(Path(path).exists() for path in data)


def parse_mode(line: str) -> list[list[str]]:
    """A mode file's pipeline as argument lists: unknown words unmarked (`-n` for `$1`), every program flushing."""
    return [_stage(shlex.split(stage)) for stage in line.strip().split("|")]


def _stage(words: Sequence[str]) -> list[str]:
    program, *arguments = words
    marked = ["-n" if argument == "$1" else argument for argument in arguments if argument != "$2"]
    return [program, "-z", *marked]


class Pipeline:
    """The programs of one mode. They end by themselves when this process does: their input then ends."""

    def __init__(self, mode: str) -> None:
        self._stages = parse_mode((MODES / f"{mode}.mode").read_text(encoding="utf-8"))
        self._processes: list[subprocess.Popen[bytes]] = []

    def translate(self, text: str, timeout_s: float = SENTENCE_TIMEOUT_S) -> str:
        """One sentence, as plain text. `PipelineBroken` after failing, or waiting `timeout_s`, twice."""
        if not printable(text):
            return ""
        message = (escape(text) + _END).encode() + b"\0"
        answer = self._ask(message, timeout_s) or self._ask(message, timeout_s)
        if answer is None:
            raise PipelineBroken()
        return unescape(answer[: answer.rfind(_CUT)].removesuffix("."))

    def start(self) -> None:
        """Start what does not run; nothing to do for a healthy pipeline."""
        if self._processes and all(process.poll() is None for process in self._processes):
            return
        self.close()
        source: IO[bytes] | int = subprocess.PIPE
        for stage in self._stages:
            process = subprocess.Popen(
                stage, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
            self._hand_over(source)
            self._processes.append(process)
            assert process.stdout is not None
            source = process.stdout

    @staticmethod
    def _hand_over(source: IO[bytes] | int) -> None:
        """The next program holds the pipe's end now; ours would keep it open after the program has died."""
        if not isinstance(source, int):
            source.close()

    def _ask(self, message: bytes, timeout_s: float) -> str | None:
        """The answer's text; None when the pipeline broke, which is then gone and may be started again."""
        self.start()
        source, sink = self._processes[0].stdin, self._processes[-1].stdout
        assert source is not None
        assert sink is not None
        try:
            source.write(message)
            answer = _read_to_null(sink, time.monotonic() + timeout_s)
        except BrokenPipeError:
            answer = None
        if answer is None or _CUT not in answer:
            self.close()
            return None
        return answer

    def close(self) -> None:
        processes, self._processes = self._processes, []
        if processes and processes[0].stdin is not None:
            processes[0].stdin.close()
        for process in processes:
            _end(process)
        if processes and processes[-1].stdout is not None:
            processes[-1].stdout.close()


def _read_to_null(sink: IO[bytes], deadline_s: float) -> str | None:
    received = b""
    with selectors.DefaultSelector() as selector:
        selector.register(sink, selectors.EVENT_READ)
        while not received.endswith(b"\0"):
            if not selector.select(max(0.0, deadline_s - time.monotonic())):
                return None
            piece = os.read(sink.fileno(), _READ_BYTES)
            if not piece:
                return None
            received += piece
    return received[:-1].decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_EXIT_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
