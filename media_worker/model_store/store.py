"""What can be done with the models of a folder: pull, lock, verify, and make ready for a start."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from media_worker.model_store import folder as folders
from media_worker.model_store import lock as locks
from media_worker.model_store import pulling
from media_worker.model_store.catalogue import Entry, Wanted
from media_worker.model_store.fetching import Patience
from media_worker.model_store.folder import Condition, ModelsFolder, Progress
from media_worker.model_store.lock import Lock, LockedModel
from media_worker.model_store.problems import ModelsProblem
from media_worker.model_store.pulling import Puller
from media_worker.model_store.sources import Bucket

if TYPE_CHECKING:
    from media_worker.model_store.hub import Hub

_log = logging.getLogger(__name__)
PULL = "`kallglot models pull`"


@dataclass(frozen=True, slots=True)
class Terms:
    """`update`: take what the source has now in place of what is locked. `replaces`: a model may take another's place.

    `accepted` is a licence that was read and agreed to; one that forbids business must be named.
    """

    update: bool = False
    replaces: bool = False
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class ModelStore:
    folder: ModelsFolder
    patience: Patience
    progress: Progress = folders.silent

    def pull_from_hub(self, entries: Sequence[Entry], hub: Hub, terms: Terms) -> Lock:
        """Those named, or all that are locked. What is locked stays as it is, unless the terms say `update`."""
        with self.folder.at_work():
            lock = self.folder.lock() or Lock()
            if not entries and not lock.models:
                raise ModelsProblem(f"{self.folder.path} holds no {locks.FILE}: name the models to pull")
            for entry in entries:
                _agreed(entry, terms)
                if terms.update or entry.name not in lock.models:
                    lock = self._new(entry, hub, lock, terms)
            pulled = lock.only(*(entry.name for entry in entries))
            self._puller.locked(pulled, hub)
            self._done(lock)
            return pulled

    def pull_from_bucket(self, bucket: Bucket, names: Sequence[str], terms: Terms) -> Lock:
        """What is locked here, or else what the bucket's own lock says."""
        with self.folder.at_work():
            old = self.folder.lock()
            lock = bucket.lock() if old is None or terms.update else old
            if unknown := [name for name in names if name not in lock.models]:
                raise ModelsProblem(f"{bucket.address} locks no {unknown[0]}; it has {', '.join(lock.models)}")
            pulled = lock.only(*names)
            self._puller.locked(pulled, bucket)
            kept = pulled if old is None else lock
            self.folder.write_lock(kept)
            self._forget(list(old.models.values()) if old else [], kept)
            self._done(kept)
            return pulled

    def lock_here(self, name: str, place: str, licence: str) -> Lock:
        """Take a model into the lock that was put here by hand."""
        with self.folder.at_work():
            model = pulling.made_here(self.folder, place, licence, self.progress)
            lock = self.folder.lock() or Lock()
            self._take(lock, name, frozenset(file.path for file in model.files), replaces=False)
            lock = lock.with_model(name, model)
            self.folder.write_lock(lock)
            self.folder.stamp(file for file in lock.files() if self.folder.condition(file) is Condition.WHOLE)
            return lock.only(name)

    def verify(self) -> dict[str, Condition]:
        """Every file of every model, read to its end. By path."""
        lock = self._locked()
        found = self.folder.conditions(lock.files(), thorough=True, progress=self.progress)
        self.folder.stamp(file for file in lock.files() if found[file.path] is Condition.WHOLE)
        return found

    def ready(self, source: Hub | Bucket | None) -> None:
        """For a start: what is locked is here and whole, fetched from `source` if need be.

        Nothing is resolved: a start carries out a lock, it never decides on one. What was found whole before and has
        not been touched since is not read again. Raises ModelsProblem.
        """
        lock = self.folder.lock()
        if lock is None and isinstance(source, Bucket):
            lock = source.lock()
            self.folder.path.mkdir(parents=True, exist_ok=True)
            self.folder.write_lock(lock)
        if lock is None and source is not None:
            raise ModelsProblem(
                f"{self.folder.path} holds no {locks.FILE}, and a start does not choose versions: run {PULL} "
                "first, and put its lock into the image, or models and lock into a bucket"
            )
        if lock is not None:
            self._whole(lock, source)

    def _whole(self, lock: Lock, source: Hub | Bucket | None) -> None:
        found = self.folder.conditions(lock.files(), thorough=False, progress=self.progress)
        wrong = [(path, condition) for path, condition in found.items() if condition is not Condition.WHOLE]
        if not wrong:
            self.folder.stamp(lock.files())
            return
        path, condition = wrong[0]
        if source is None:
            more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            raise ModelsProblem(f"{self.folder.path / path} is {condition}{more}: {PULL} fetches what is not whole")
        _log.info("fetching models", extra={"files": len(wrong)})
        with self.folder.at_work():
            self._puller.locked(lock, source)
            self.folder.tidy()

    def _new(self, entry: Entry, hub: Hub, lock: Lock, terms: Terms) -> Lock:
        def may_take(paths: frozenset[str]) -> None:
            self._take(lock, entry.name, paths, replaces=terms.replaces)

        model = self._puller.resolved(entry, hub, may_take)
        rivals = lock.rivals(entry.name, frozenset(file.path for file in model.files))
        gone = [lock.models[name] for name in (*rivals, entry.name) if name in lock.models]
        for rival in rivals:
            lock = lock.without(rival)
        lock = lock.with_model(entry.name, model)
        self.folder.write_lock(lock)
        self._forget(gone, lock)
        return lock

    def _take(self, lock: Lock, name: str, paths: frozenset[str], *, replaces: bool) -> None:
        if not replaces and (rivals := lock.rivals(name, paths)):
            raise ModelsProblem(f"{rivals[0]} is in the place of {name}: say --replace to have {name} instead")

    def _forget(self, gone: list[LockedModel], lock: Lock) -> None:
        for path in pulling.leftovers(gone, lock):
            self.folder.remove(path)

    def _done(self, lock: Lock) -> None:
        whole = self.folder.conditions(lock.files(), thorough=False)
        self.folder.stamp(file for file in lock.files() if whole[file.path] is Condition.WHOLE)
        self.folder.tidy()

    def _locked(self) -> Lock:
        lock = self.folder.lock()
        if lock is None:
            raise ModelsProblem(f"{self.folder.path} holds no {locks.FILE}: {PULL} makes one")
        return lock

    @property
    def _puller(self) -> Puller:
        return Puller(self.folder, self.patience, self.progress)


def _agreed(entry: Entry, terms: Terms) -> None:
    if not entry.commercial and terms.accepted.lower() != entry.licence.lower():
        raise ModelsProblem(
            f"{entry.name} is licensed under {entry.licence}, which forbids commercial use: where that is no matter, "
            f"say --accept-licence {entry.licence}"
        )


def elsewhere(name: str, repo: str, revision: str, place: str, files: Sequence[Wanted]) -> Entry:
    """A model that is not in the catalogue."""
    return Entry(name, "other", "see its model card", repo, place, tuple(files), revision)


def at_revision(entry: Entry, revision: str | None) -> Entry:
    return replace(entry, revision=revision) if revision else entry
