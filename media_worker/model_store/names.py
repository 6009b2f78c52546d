"""Which names of files are believed when a hub, a bucket or a lock says them. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from media_worker.model_store.problems import ModelsProblem

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@=-]{0,199}")
_LONGEST = 500
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,99}", re.ASCII)


def inside(name: str) -> str:
    """`name`, when it can only mean a file below the folder of models.

    Nothing hidden, so that no file of the store's own is among them; nothing absolute; no way up; no drive.
    """
    parts = name.split("/")
    if len(name) > _LONGEST or not all(_PART.fullmatch(part) for part in parts) or str(PurePosixPath(name)) != name:
        raise ModelsProblem(f"a file called {name[:80]!a} is refused: no model needs such a name")
    return name


def repository(name: str) -> str:
    if not _REPOSITORY.fullmatch(name) or ".." in name:
        raise ModelsProblem(f"{name[:80]!a} is not the name of a repository, as in Systran/faster-whisper-small")
    return name


def revision(name: str) -> str:
    if not _REVISION.fullmatch(name) or ".." in name:
        raise ModelsProblem(f"{name[:80]!a} is not a revision: give a branch, a tag or a commit")
    return name
