"""When a secret may be rotated, and when one of its versions may go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.domain.access import ApiKey
from core.domain.rotation import USED_AFTER
from core.services.rotating import MOST_VERSIONS, NEEDED_FOR, NotNow, Rotation
from tests.builders import an_api_key
from tests.fakes.clocks import START, FakeClock
from tests.fakes.secrets import MemorySecret


@dataclass
class Vault:
    clock: FakeClock = field(default_factory=FakeClock)
    secret: MemorySecret = field(default_factory=MemorySecret)
    keys: list[ApiKey] = field(default_factory=list)
    drawn: int = 0

    @property
    def rotation(self) -> Rotation:
        return Rotation(self.secret, self.clock, self._draw, lambda: self.keys)

    def _draw(self) -> bytes:
        self.drawn += 1
        return f"drawn {self.drawn}".encode()

    def rotate(self) -> None:
        """To its end: the new one is used, and nothing is repeated any more that was made with the old one."""
        self.rotation.rotate()
        self.clock.advance((USED_AFTER + NEEDED_FOR).total_seconds())

    @property
    def kept(self) -> list[bytes]:
        return list(self.secret.versions.values)


@pytest.fixture
def vault() -> Vault:
    return Vault()


def test_a_rotation_adds_a_version_and_takes_none_away(vault: Vault) -> None:
    vault.rotation.rotate()
    assert vault.kept == [b"drawn 1", b"first"]
    assert vault.secret.versions.in_use(START).value == b"first"
    assert vault.secret.versions.in_use(START + USED_AFTER).value == b"drawn 1"


def test_no_rotation_begins_while_another_one_is_under_way(vault: Vault) -> None:
    vault.rotation.rotate()
    with pytest.raises(NotNow, match="not used yet"):
        vault.rotation.rotate()
    assert vault.drawn == 1


def test_a_leak_is_answered_at_once(vault: Vault) -> None:
    vault.rotation.rotate(at_once=True)
    assert vault.secret.versions.in_use(START).value == b"drawn 1"
    vault.rotation.drop(1, force=True)
    assert vault.kept == [b"drawn 1"]


def test_so_many_versions_are_kept_and_no_more(vault: Vault) -> None:
    for _ in range(MOST_VERSIONS - 1):
        vault.rotate()
    with pytest.raises(NotNow, match="drop an old one"):
        vault.rotation.rotate()
    vault.rotation.drop(1)
    vault.rotation.rotate()
    assert len(vault.kept) == MOST_VERSIONS


def test_what_is_in_use_is_never_dropped(vault: Vault) -> None:
    for force in (False, True):
        with pytest.raises(NotNow, match="in use"):
            vault.rotation.drop(1, force=force)
    with pytest.raises(LookupError):
        vault.rotation.drop(2)


def test_a_version_goes_a_day_after_it_was_replaced(vault: Vault) -> None:
    vault.rotation.rotate()
    vault.clock.advance((USED_AFTER + NEEDED_FOR).total_seconds() - 1)
    with pytest.raises(NotNow, match="may be asked for until"):
        vault.rotation.drop(1)
    vault.clock.advance(1)
    vault.rotation.drop(1)
    assert vault.kept == [b"drawn 1"]


def test_a_version_that_nobody_has_used_yet_goes_at_once(vault: Vault) -> None:
    vault.rotation.rotate()
    vault.rotation.drop(2)
    assert vault.kept == [b"first"]


def test_a_pepper_stays_while_a_key_that_opens_something_is_hashed_with_it(vault: Vault) -> None:
    living = an_api_key()
    vault.keys += [replace(living, revoked_at=START), replace(living, expires_at=START), replace(living, pepper=2)]
    vault.rotate()
    assert vault.rotation.living() == {2: 1}
    vault.keys.append(living)
    with pytest.raises(NotNow, match="1 API keys that are in use"):
        vault.rotation.drop(1)
    vault.rotation.drop(1, force=True)
    assert vault.kept == [b"drawn 1"]


def test_of_several_replacements_the_first_one_counts(vault: Vault) -> None:
    vault.rotate()
    vault.rotation.rotate()
    vault.clock.advance(timedelta(hours=1).total_seconds())
    vault.rotation.drop(1)
    with pytest.raises(NotNow, match="version 2 may be asked for"):
        vault.rotation.drop(2)
