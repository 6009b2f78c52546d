"""The first organization of a local stack, with what a carrier would have given it, and its keys."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.adapters.system import RandomIds, SystemClock
from core.domain import ids
from core.domain.access import Scope, Tenant, api_key_secret
from core.domain.organizations import Organization
from core.domain.rotation import Version
from core.key_ports import KeyStore
from core.ports import AccessStore
from core.services.api_keys import issued

_KEY_BYTES = 24

ORGANIZATION = Organization(id="org_local", name="Local")


@dataclass(frozen=True, slots=True)
class Seeder:
    """Writes through the product's own store; `pepper` is the deployed one, so that the authorizer finds the keys."""

    access: AccessStore
    keys: KeyStore
    pepper: Version

    def organization(self, organization: Organization) -> None:
        self.access.put_organization(organization)

    def key(
        self,
        organization_id: str = ORGANIZATION.id,
        scopes: Iterable[Scope] = tuple(Scope),
        *,
        livemode: bool = False,
        random: bytes | None = None,
    ) -> str:
        """A new key, or the one that `random` makes."""
        clock = SystemClock()
        key_id = RandomIds(clock).new(ids.API_KEY)
        tenant = Tenant(organization_id, livemode)
        secret = api_key_secret(livemode, random or secrets.token_bytes(_KEY_BYTES))
        key = issued(self.pepper, secret, key_id, tenant, frozenset(scopes), clock.now())
        if self.access.key_by_hash(key.hash) is None:
            self.keys.add(key)
        return secret


def seed(seeder: Seeder, remembered: Path) -> str:
    """The organization and its test key; the same key as long as `remembered` is there. Repeatable."""
    seeder.organization(ORGANIZATION)
    if not remembered.exists():
        write_private(remembered, {"random": secrets.token_hex(_KEY_BYTES)})
    return seeder.key(random=bytes.fromhex(json.loads(remembered.read_text())["random"]))


def write_private(path: Path, content: Mapping[str, str]) -> None:
    """For files that hold a secret: readable by their owner only, from the first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
