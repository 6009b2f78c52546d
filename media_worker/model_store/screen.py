"""What the command says: progress to stderr, on a terminal as a bar; what was asked for to stdout."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TextIO

_BAR = 24
_EVERY_S = 0.1
_log = logging.getLogger("media_worker.model_store")


class Bar:
    """One line that is drawn over; where stderr is no terminal, a line per file when it has come."""

    def __init__(self, out: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._now = now
        self._drawn_at = -1.0
        self._began: tuple[str, float, int] = ("", 0.0, 0)

    def __call__(self, what: str, done: int, total: int) -> None:
        now = self._now()
        if what != self._began[0]:
            self._began = (what, now, done)
        if done >= total:
            self._line(f"{what}  {_size(total)}\n")
        elif self._out.isatty() and now - self._drawn_at >= _EVERY_S:
            self._drawn_at = now
            self._line(self._drawn(what, done, total, now))

    def _line(self, text: str) -> None:
        self._out.write(f"\r\x1b[K{text}" if self._out.isatty() else text)
        self._out.flush()

    def _drawn(self, what: str, done: int, total: int, now: float) -> str:
        _, since, before = self._began
        filled = _BAR * done // total
        speed = (done - before) / max(now - since, 0.001)
        bar = "█" * filled + "░" * (_BAR - filled)
        return f"{what}  {bar} {100 * done // total:3d} %  {_size(done)} of {_size(total)}  {_size(round(speed))}/s"


def logged(what: str, done: int, total: int) -> None:
    """Progress of a start, which nobody watches: a line of the log per file."""
    if done >= total:
        _log.info("a file of the models is here", extra={"file": what, "bytes": total})


def table(rows: Sequence[Sequence[str]], out: TextIO = sys.stdout) -> None:
    """For people in columns, for pipes between tabs."""
    if not out.isatty():
        out.writelines("\t".join(row) + "\n" for row in rows)
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        out.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")


def document(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def _size(count: int) -> str:
    amount, units = float(count), iter(("B", "kB", "MB", "GB"))
    unit = next(units)
    while amount >= 1000 and unit != "GB":
        amount, unit = amount / 1000, next(units)
    return f"{amount:.1f} {unit}" if unit != "B" else f"{count} B"
