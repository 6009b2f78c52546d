"""What is happening, for whoever watches: one line when a step begins, one with its seconds when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_DIM, _PLAIN = "\033[2m", "\033[0m"


class Progress:
    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._tty = self._out.isatty()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A failed step says so; its error is the caller's to explain."""
        self.say(f"· {name} …")
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self.settle()
            self.say(f"✗ {name} ({time.monotonic() - started:.1f} s)")
            raise
        self.settle()
        self.say(f"✓ {name} ({time.monotonic() - started:.1f} s)")

    def deployment(self, line: str) -> None:
        """What the CDK tells: everything passes by on a terminal, a log keeps what became of each stack."""
        if self._tty:
            self.passing(f"    {line[:100]}")
        elif line.lstrip().startswith(("✅", "templates:")) or "FAILED" in line:
            self.say(f"    {line.strip()}")

    def say(self, line: str = "") -> None:
        self._out.write(line + "\n")
        self._out.flush()

    def passing(self, line: str) -> None:
        """A line that the next one replaces on a terminal, and that stays in a log."""
        self._out.write(f"\r\033[K{self.dim(line)}" if self._tty else f"{line}\n")
        self._out.flush()

    def settle(self) -> None:
        """Clear what `passing` has left on a terminal."""
        if self._tty:
            self._out.write("\r\033[K")

    def dim(self, text: str) -> str:
        return f"{_DIM}{text}{_PLAIN}" if self._tty else text
