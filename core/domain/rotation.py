"""Secrets of the deployment that can be replaced while what was made with them is still good.

As generated, a secret is its own text, and number 1. Once it has been rotated the text is JSON with all of its
versions. A new version is known some time before it is used: processes read secrets now and then, and all of them must
know what one of them makes something with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

READ_AGAIN_AFTER = timedelta(minutes=5)
"""How old what a process knows of a secret may be."""
USED_AFTER = 3 * READ_AGAIN_AFTER


@dataclass(frozen=True, slots=True)
class Version:
    """`used_from` None: ever since there is the secret."""

    number: int
    value: bytes = field(repr=False)
    used_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions that are accepted, the newest first."""

    all: tuple[Version, ...]

    def in_use(self, now: datetime) -> Version:
        """What something new is made with: the newest one whose time has come, or else the oldest."""
        return next((each for each in self.all if each.used_from is None or each.used_from <= now), self.all[-1])

    @property
    def values(self) -> tuple[bytes, ...]:
        """What something that is shown may have been made with. Their number says nothing about what is shown."""
        return tuple(version.value for version in self.all)

    def numbered(self, number: int) -> Version:
        """Raises LookupError when it is not accepted any more."""
        for version in self.all:
            if version.number == number:
                return version
        raise LookupError(f"version {number} of this secret is not kept any more")

    def with_new(self, value: bytes, now: datetime) -> Versions:
        """Used by everybody after a while, and accepted by each as soon as it has read the secret again."""
        return Versions((Version(self.all[0].number + 1, value, now + USED_AFTER), *self.all))

    def without(self, number: int) -> Versions:
        """Raises LookupError."""
        gone = self.numbered(number)
        return replace(self, all=tuple(version for version in self.all if version is not gone))


Secret = Callable[[], Versions]
"""Asked for on use; it may block, and what it says changes while a process lives."""


def fixed(value: bytes) -> Secret:
    """One that nobody rotates."""
    versions = Versions((Version(1, value),))
    return lambda: versions


def read_versions(text: bytes) -> Versions:
    """Raises ValueError for what is neither a generated secret nor a rotated one."""
    if not text.startswith(b"{"):
        return Versions((Version(1, text),))
    try:
        rows = json.loads(text)["versions"]
        found = tuple(Version(row["number"], row["value"].encode(), _time(row["used_from"])) for row in rows)
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError("this is not the text of a rotated secret") from error
    if not found:
        raise ValueError("a secret without a version")
    return Versions(found)


def text_of(versions: Versions) -> str:
    rows = [
        {
            "number": version.number,
            "value": version.value.decode(),
            "used_from": version.used_from.isoformat() if version.used_from else None,
        }
        for version in versions.all
    ]
    return json.dumps({"versions": rows})


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
