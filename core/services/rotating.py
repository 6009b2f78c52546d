"""Replacing the pepper of the API keys, or the key of the stream tokens, while old ones are in use: by an operator.

A version is dropped when nothing needs it: not the keys that are hashed with it, nor what is repeated for a day
(creates, by their idempotency keys).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from core.domain.access import ApiKey
from core.domain.rotation import Version, Versions
from core.ports import Clock

NEEDED_FOR = timedelta(days=1)
MOST_VERSIONS = 4
"""Each is tried for every key that is shown."""


class NotNow(Exception):
    """What was asked for would void something, or comes too early; the message is for the operator."""


class StoredSecret(Protocol):
    def read(self) -> Versions: ...

    def write(self, versions: Versions) -> None: ...


@dataclass(frozen=True, slots=True)
class Rotation:
    """`keys` gives every API key that is hashed with this secret; of the stream tokens' key there are none.

    `draw` makes a new value from a cryptographic source.
    """

    secret: StoredSecret
    clock: Clock
    draw: Callable[[], bytes]
    keys: Callable[[], Iterable[ApiKey]] = tuple

    def rotate(self, *, at_once: bool = False) -> Versions:
        """A new version, used by everybody in a quarter of an hour.

        `at_once`: used by each process as soon as it has read it, and refused by those that have not, for five minutes.
        Raises NotNow while another rotation is under way, or when there are too many versions.
        """
        held, now = self.secret.read(), self.clock.now()
        if held.all[0] is not held.in_use(now):
            raise NotNow(f"version {held.all[0].number} is not used yet: wait until it is")
        if len(held.all) >= MOST_VERSIONS:
            raise NotNow(f"{len(held.all)} versions are kept: drop an old one first")
        rotated = held.with_new(self.draw(), now)
        if at_once:
            rotated = Versions((replace(rotated.all[0], used_from=now), *held.all))
        self.secret.write(rotated)
        return rotated

    def drop(self, number: int, *, force: bool = False) -> Versions:
        """What was made with this version is void from then on.

        Raises LookupError, and NotNow when it is in use; without `force` also while something needs it.
        """
        held = self.secret.read()
        version = held.numbered(number)
        if version is held.in_use(self.clock.now()):
            raise NotNow(f"version {number} is in use: rotate first")
        if not force:
            self._check_unneeded(held, version)
        left = held.without(number)
        self.secret.write(left)
        return left

    def living(self) -> dict[int, int]:
        """How many API keys that still open something are hashed with each version."""
        now, counted = self.clock.now(), dict[int, int]()
        for key in self.keys():
            if key.refusal(now) is None:
                counted[key.pepper] = counted.get(key.pepper, 0) + 1
        return counted

    def _check_unneeded(self, held: Versions, version: Version) -> None:
        newer = [each for each in held.all if each.number > version.number]
        replaced_at = min((each.used_from for each in newer if each.used_from is not None), default=None)
        if replaced_at is not None and self.clock.now() - replaced_at < NEEDED_FOR:
            until = replaced_at + NEEDED_FOR
            raise NotNow(f"version {version.number} may be asked for until {until.isoformat()}")
        if keys := self.living().get(version.number, 0):
            why = f"{keys} API keys that are in use are hashed with version {version.number}"
            raise NotNow(why)
