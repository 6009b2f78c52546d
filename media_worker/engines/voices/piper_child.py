"""One run of the Piper program: a child with a pipe to it and a pipe from it. What it says is in `piper_program`.

Synchronous, for one thread. Every wait ends at a deadline; a run that was late or has died is of no use any more.
"""

from __future__ import annotations

import os
import select
import struct
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress

MAX_ANSWER_BYTES = 16 * 1024 * 1024
EXIT_TIMEOUT_S = 2.0
_READ_BYTES = 256 * 1024
_LENGTH = struct.Struct("!I")
_HEAD = struct.Struct("!cI")
# The program is somebody else's: it gets no credentials and nothing else that it can do without.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


class ChildIsLate(Exception):
    """No answer by the deadline."""


class ChildIsGone(Exception):
    """It has ended, or says what cannot be read."""


class PiperChild:
    """`time` is monotonic, in seconds, and so are deadlines."""

    def __init__(self, command: Sequence[str], time: Callable[[], float]) -> None:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=environment
        )
        self._time = time
        self._read = bytearray()
        self.started_at = time()
        self.ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes) -> None:
        """Far less than a pipe holds, and the child reads at once: this does not wait."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(_LENGTH.pack(len(request)) + request)
        except OSError:
            raise ChildIsGone from None

    def answer(self, by: float) -> tuple[bytes, bytes]:
        """The next one, as letter and body. Raises ChildIsLate or ChildIsGone."""
        letter, length = _HEAD.unpack(self._take(_HEAD.size, by))
        if length > MAX_ANSWER_BYTES:
            raise ChildIsGone
        return letter, self._take(length, by)

    def end(self, *, at_once: bool = False) -> None:
        """Closing its input ends it; what does not listen is killed."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
        if at_once:
            self._process.kill()
        try:
            self._process.wait(EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _take(self, size: int, by: float) -> bytes:
        while len(self._read) < size:
            self._receive(by)
        taken = bytes(memoryview(self._read)[:size])
        del self._read[:size]
        return taken

    def _receive(self, by: float) -> None:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        readable, _, _ = select.select([descriptor], [], [], max(0.0, by - self._time()))
        if not readable:
            raise ChildIsLate
        data = os.read(descriptor, _READ_BYTES)
        if not data:
            raise ChildIsGone
        self._read += data
