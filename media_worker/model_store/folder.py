"""The folder of models on disk: what is whole, what is on its way, and who is at work in it.

<place>/<file>        read-only, and under this name only when it is whole
models.lock.json      what should be here
.stamp.json           which of it was found whole, by size and time of change: so that a start reads no gigabytes
.parts/               what is on its way, named by its checksum
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from media_worker.model_store import lock as locks
from media_worker.model_store.lock import Lock, LockedFile
from media_worker.model_store.problems import ModelsProblem

Progress = Callable[[str, int, int], None]
"""What, bytes done, bytes in all."""
_READ_BYTES = 1024 * 1024
_SPARE_BYTES = 256 * 1024 * 1024


class Condition(StrEnum):
    WHOLE = "whole"
    MISSING = "missing"
    DAMAGED = "damaged"


def silent(_what: str, _done: int, _total: int) -> None:
    return


class ModelsFolder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def lock(self) -> Lock | None:
        """None where nothing was ever pulled. Raises ModelsProblem for one that cannot be read."""
        file = self.path / locks.FILE
        try:
            with file.open("rb") as opened:
                data = opened.read(locks.MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        if len(data) > locks.MOST_BYTES:
            raise ModelsProblem(f"{file} is too large to be a lock: restore it, or remove it and pull again")
        return Lock.read(data, str(file))

    def write_lock(self, lock: Lock) -> None:
        self._write(self.path / locks.FILE, lock.written())

    def part(self, key: str) -> Path:
        """Where a file is put together; `key` is its checksum, so that what has begun goes on after a restart."""
        parts = self.path / ".parts"
        parts.mkdir(parents=True, exist_ok=True)
        return parts / key

    def install(self, part: Path, path: str) -> None:
        """Give a whole file its name; in one step, and never through a link that leads out of the folder."""
        to = self.path / path
        to.parent.mkdir(parents=True, exist_ok=True)
        if not to.parent.resolve().is_relative_to(self.path.resolve()):
            raise ModelsProblem(f"{to.parent} leads out of {self.path}: remove that link")
        part.chmod(0o444)
        part.replace(to)

    def remove(self, path: str) -> None:
        (self.path / path).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Nothing is on its way any more."""
        shutil.rmtree(self.path / ".parts", ignore_errors=True)

    def make_room(self, bytes_needed: int) -> None:
        free = shutil.disk_usage(self.path).free
        if bytes_needed + _SPARE_BYTES > free:
            raise ModelsProblem(
                f"{self.path} has room for {free:,} bytes, and {bytes_needed:,} are to come: "
                "free some, or name another folder with --dir"
            )

    def condition(self, file: LockedFile, progress: Progress = silent) -> Condition:
        """Reads all of it."""
        found = self._status(file.path)
        if found is None:
            return Condition.MISSING
        if not stat.S_ISREG(found.st_mode) or found.st_size != file.size:
            return Condition.DAMAGED
        whole = digest(self.path / file.path, file.path, progress) == file.sha256
        return Condition.WHOLE if whole else Condition.DAMAGED

    def conditions(
        self, files: Iterable[LockedFile], *, thorough: bool, progress: Progress = silent
    ) -> dict[str, Condition]:
        """Of each path. Unless `thorough`, what is as it was when it was last found whole is not read again."""
        stamped = {} if thorough else self._stamped()
        found: dict[str, Condition] = {}
        for file in files:
            known = stamped.get(file.path)
            seen = known is not None and known == [file.sha256, *self._looks(file.path)]
            found[file.path] = Condition.WHOLE if seen else self.condition(file, progress)
        return found

    def stamp(self, files: Iterable[LockedFile]) -> None:
        """These are whole. A folder that cannot be written to is read again at the next start."""
        stamps = {file.path: [file.sha256, *self._looks(file.path)] for file in files}
        try:
            self._write(self.path / ".stamp.json", json.dumps(stamps).encode())
        except OSError:
            return

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """One at a time: two who pull the same file would write over each other."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            door = os.open(self.path / ".at-work", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ModelsProblem(f"{self.path} cannot be written to ({error.strerror})") from None
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise ModelsProblem(f"somebody else is pulling models into {self.path}: wait until they are done") from None
        finally:
            os.close(door)

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return (self.path / path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _looks(self, path: str) -> list[int]:
        """Size and second of the last change. Nothing finer: an image's layers keep no more, and no inode numbers."""
        found = self._status(path)
        return [found.st_size, int(found.st_mtime)] if found and stat.S_ISREG(found.st_mode) else []

    def _stamped(self) -> dict[str, list[object]]:
        try:
            stamps = json.loads((self.path / ".stamp.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return stamps if isinstance(stamps, dict) else {}

    def _write(self, to: Path, data: bytes) -> None:
        new = to.with_name(f"{to.name}.new")
        new.write_bytes(data)
        new.replace(to)


def digest(file: Path, what: str = "", progress: Progress = silent) -> str:
    """SHA-256, in hexadecimal digits."""
    size, done, hashed = file.stat().st_size, 0, hashlib.sha256()
    with file.open("rb") as opened:
        while piece := opened.read(_READ_BYTES):
            hashed.update(piece)
            done += len(piece)
            progress(what, done, size)
    return hashed.hexdigest()


def git_digest(file: Path) -> str:
    """What git calls a file by its content: what a hub says of files that are not large. Not for security."""
    hashed = hashlib.sha1(f"blob {file.stat().st_size}\0".encode(), usedforsecurity=False)
    with file.open("rb") as opened:
        while piece := opened.read(_READ_BYTES):
            hashed.update(piece)
    return hashed.hexdigest()
