"""Pulling: what the lock says, or what it will say. A model is locked when all of its files are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from media_worker.model_store import folder as folders
from media_worker.model_store.catalogue import Entry
from media_worker.model_store.fetching import Patience, fetch
from media_worker.model_store.folder import Condition, ModelsFolder, Progress
from media_worker.model_store.lock import Lock, LockedFile, LockedModel
from media_worker.model_store.names import inside
from media_worker.model_store.problems import ModelsProblem
from media_worker.model_store.sources import Source

if TYPE_CHECKING:
    from media_worker.model_store.hub import Hub, Published

_UNKNOWN = "0" * 64
Blobs = dict[str, str]
"""By path, what git calls the content: all that a hub says of a small file before it is read."""


@dataclass(frozen=True, slots=True)
class Puller:
    """Works in one folder, which the caller holds (`ModelsFolder.at_work`)."""

    folder: ModelsFolder
    patience: Patience
    progress: Progress = folders.silent

    def locked(self, lock: Lock, source: Source) -> None:
        """Bring the folder to what `lock` says; what is whole already is left alone."""
        conditions = self.folder.conditions(lock.files(), thorough=False, progress=self.progress)
        wanting = [
            (model, file)
            for model in lock.models.values()
            for file in model.files
            if conditions[file.path] is not Condition.WHOLE
        ]
        self.folder.make_room(sum(file.size - self._begun(file.sha256) for _, file in wanting))
        for model, file in wanting:
            self._one(source, model, file, {})
        self.folder.stamp(lock.files())

    def resolved(self, entry: Entry, hub: Hub, may_take: Callable[[frozenset[str]], None]) -> LockedModel:
        """A model that is not locked yet, at the commit its revision names now. `may_take` objects to its paths."""
        commit, published = hub.resolve(entry.repo, entry.revision)
        chosen = chosen_files(entry, published)
        may_take(frozenset(path for path, _ in chosen))
        blobs: Blobs = {path: one.blob for path, one in chosen if one.sha256 is None and one.blob}
        files = [
            LockedFile(path=path, name=inside(one.name), size=one.size, sha256=one.sha256 or _UNKNOWN)
            for path, one in chosen
        ]
        model = LockedModel(
            family=entry.family,
            licence=entry.licence,
            repo=entry.repo,
            revision=entry.revision,
            commit=commit,
            files=tuple(files),
        )
        self.folder.make_room(sum(file.size - self._begun(self._key(file, blobs)) for file in files))
        settled = [self._settled(hub, model, file, blobs) for file in files]
        return model.model_copy(update={"files": tuple(settled)})

    def _settled(self, hub: Hub, model: LockedModel, file: LockedFile, blobs: Blobs) -> LockedFile:
        if file.sha256 != _UNKNOWN and self.folder.condition(file, self.progress) is Condition.WHOLE:
            return file
        return file.model_copy(update={"sha256": self._one(hub, model, file, blobs)})

    def _one(self, source: Source, model: LockedModel, file: LockedFile, blobs: Blobs) -> str:
        """Its SHA-256. A file that is not what was announced is deleted, and gets no name."""
        part = self.folder.part(self._key(file, blobs))
        come: Callable[[int], None] = lambda done: self.progress(file.path, done, file.size)  # noqa: E731
        fetch(partial(source.open, model, file), part, file.size, self.patience, come)
        sha256 = _checked(part, file, blobs.get(file.path))
        self.folder.install(part, file.path)
        return sha256

    def _begun(self, key: str) -> int:
        part = self.folder.part(key)
        return part.stat().st_size if part.exists() else 0

    @staticmethod
    def _key(file: LockedFile, blobs: Blobs) -> str:
        return blobs[file.path] if file.sha256 == _UNKNOWN else file.sha256


def _checked(part: Path, file: LockedFile, blob: str | None) -> str:
    sha256 = folders.digest(part)
    if (sha256 != file.sha256) if blob is None else (folders.git_digest(part) != blob):
        part.unlink()
        raise ModelsProblem(
            f"{file.path} came with another checksum than was announced: it was deleted. Pull again; if it stays, "
            "somebody changed it on its way"
        )
    return sha256


def chosen_files(entry: Entry, published: Sequence[Published]) -> list[tuple[str, Published]]:
    """(path below the folder of models, file) of what the entry wants."""
    chosen: dict[str, Published] = {}
    for wanted in entry.files:
        found = [one for one in published if fnmatchcase(one.name, wanted.pattern)]
        if not found and not wanted.optional:
            raise ModelsProblem(f"{entry.repo} has no {wanted.pattern}: it is not what the family {entry.family} needs")
        for one in found:
            chosen[inside(f"{entry.place}/{wanted.into or PurePosixPath(one.name).name}")] = one
    if nameless := [one.name for one in chosen.values() if not one.sha256 and not one.blob]:
        raise ModelsProblem(f"the hub gives no checksum of {nameless[0]!a}: nothing is pulled that is not checked")
    return list(chosen.items())


def made_here(folder: ModelsFolder, place: str, licence: str, progress: Progress) -> LockedModel:
    """A model that somebody put into the folder, as it is now."""
    root = folder.path / inside(place)
    paths = sorted(path.relative_to(folder.path).as_posix() for path in root.rglob("*") if path.is_file())
    if not paths:
        raise ModelsProblem(f"{root} holds no model: put its files there first")
    files = [_as_it_is(folder, path, progress) for path in paths]
    return LockedModel(family="made here", licence=licence, files=tuple(files))


def _as_it_is(folder: ModelsFolder, path: str, progress: Progress) -> LockedFile:
    file = folder.path / inside(path)
    sha256 = folders.digest(file, path, progress)
    return LockedFile(path=path, name=path, size=file.stat().st_size, sha256=sha256)


def leftovers(gone: Iterable[LockedModel], lock: Lock) -> set[str]:
    """Files of models that are no longer locked, and of nobody else's."""
    return {file.path for model in gone for file in model.files} - {file.path for file in lock.files()}
