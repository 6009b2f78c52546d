"""One file, piece by piece, however often the connection breaks: what has come is kept and gone on from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import Unavailable
from media_worker.model_store.problems import ModelsProblem

Body = tuple[int, Iterator[bytes]]
"""Where the bytes begin, and the bytes."""
OTHER_FILE = "wrong_range"
"""The code of an Unavailable by which a source says that what was begun is of another file."""
Opener = Callable[[int], AbstractContextManager[Body]]
"""From an offset. Raises Unavailable for what may pass, also while the bytes are read."""


@dataclass(frozen=True, slots=True)
class Patience:
    """`attempts` in a row that bring not one byte are too many; `deadline_s` is for everything together."""

    attempts: int = 5
    deadline_s: float = 6 * 3600.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    began: float = field(default_factory=time.monotonic)

    def wait(self, fruitless: int) -> None:
        self.sleep(min(30.0, 0.5 * 2**fruitless))

    def check(self, what: str) -> None:
        if self.now() - self.began > self.deadline_s:
            raise ModelsProblem(
                f"{what} has not come within {self.deadline_s:.0f} s: pull again, it goes on from there"
            )


def fetch(open_at: Opener, part: Path, size: int, patience: Patience, come: Callable[[int], None]) -> None:
    """Until `part` is `size` bytes long; `come` is told how long it is. Raises ModelsProblem; the part then stays."""
    fruitless = 0
    part.touch()
    while (before := _kept(part, size)) < size:
        why = _some(open_at, part, before, size, patience, come)
        fruitless = 0 if part.stat().st_size > before else fruitless + 1
        if fruitless >= patience.attempts:
            raise ModelsProblem(f"{why}; what has come is kept: pull again, it goes on from there")
        if part.stat().st_size < size:
            patience.check("the file")
            patience.wait(fruitless)
    come(size)


def _kept(part: Path, size: int) -> int:
    """What is longer than it should be is of another file."""
    if part.stat().st_size > size:
        part.write_bytes(b"")
    return part.stat().st_size


def _some(open_at: Opener, part: Path, before: int, size: int, patience: Patience, come: Callable[[int], None]) -> str:
    """As much as comes in one go; why it was not all."""
    try:
        with open_at(before) as (start, pieces):
            _append(part, start, before, size, pieces, patience, come)
    except Unavailable as error:
        if error.code == OTHER_FILE:
            part.write_bytes(b"")
        return str(error)
    return "the connection broke off"


def _append(
    part: Path,
    start: int,
    before: int,
    size: int,
    pieces: Iterator[bytes],
    patience: Patience,
    come: Callable[[int], None],
) -> None:
    """A source that cannot go on from `before` begins again."""
    if start not in (0, before):
        raise Unavailable(OTHER_FILE, "another part of the file came than was asked for")
    done = start
    with part.open("ab" if start else "wb") as file:
        for piece in pieces:
            if done + len(piece) > size:
                file.truncate(0)
                raise ModelsProblem(f"more came than the {size:,} bytes that were announced; all of it was deleted")
            file.write(piece)
            done += len(piece)
            come(done)
            patience.check("the file")
