"""Where files come from: a hub, or a folder of models that was put into a bucket together with its lock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from core.errors import DependencyRefused, NotFound, Unavailable
from media_worker.model_store import lock as locks
from media_worker.model_store.fetching import Body
from media_worker.model_store.lock import Lock, LockedFile, LockedModel
from media_worker.model_store.problems import ModelsProblem

HUB = "hub"
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9!_.*'()/-]{0,900}))?")
_TRIES = 3


class Source(Protocol):
    def open(self, model: LockedModel, file: LockedFile, offset: int) -> AbstractContextManager[Body]:
        """Raises Unavailable for what may pass, ModelsProblem for what will not."""
        ...


class Objects(Protocol):
    """Below a prefix of a bucket; see core.adapters.s3_models."""

    def open(self, name: str, offset: int) -> AbstractContextManager[Body]: ...


def bucket_and_prefix(address: str) -> tuple[str, str]:
    found = _BUCKET.fullmatch(address)
    prefix = (found[2] or "").strip("/") if found else ""
    if found is None or "//" in prefix or ".." in prefix.split("/"):
        raise ModelsProblem(f"{address[:200]!a} is not a place for models: give `hub` or s3://bucket/prefix")
    return found[1], prefix


@dataclass(frozen=True, slots=True)
class Bucket:
    """`address` is for people. Files lie at the paths they have in the folder."""

    objects: Objects
    address: str

    @contextmanager
    def open(self, model: LockedModel, file: LockedFile, offset: int) -> Iterator[Body]:
        with self._explained(), self.objects.open(file.path, offset) as body:
            yield body

    def lock(self) -> Lock:
        """What the bucket says that it holds. Raises ModelsProblem."""
        last = Unavailable("dependency_unavailable", f"{self.address} does not answer")
        for _ in range(_TRIES):
            try:
                return Lock.read(self._lock_bytes(), f"{self.address}/{locks.FILE}")
            except Unavailable as error:
                last = error
        raise ModelsProblem(f"{self.address} cannot be reached: {last}")

    def _lock_bytes(self) -> bytes:
        data = b""
        with self._explained(), self.objects.open(locks.FILE, 0) as (_, pieces):
            for piece in pieces:
                data += piece
                if len(data) > locks.MOST_BYTES:
                    raise ModelsProblem(f"{self.address}/{locks.FILE} is too large to be a lock")
        return data

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except NotFound as error:
            raise ModelsProblem(
                f"{error}: upload a folder that `kallglot models pull` has made, with its {locks.FILE}, and let the "
                "worker's role read it"
            ) from None
        except DependencyRefused as error:
            raise ModelsProblem(f"{self.address} is closed to us: {error}") from None
