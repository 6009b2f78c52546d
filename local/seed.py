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
from core.domain.access import ApiKey, Organization, Scope, Tenant, api_key_hash, api_key_secret
from core.ports import AccessStore

ORGANIZATION = Organization(
    id="org_local",
    name="Local",
    numbers={"+14155550100": "twilio", "+34910000000": "telnyx"},
    connections={"pcon_local_twilio": "twilio", "pcon_local_telnyx": "telnyx"},
    default_connection="pcon_local_twilio",
)


@dataclass(frozen=True, slots=True)
class Seeder:
    """Writes through the product's own store; `pepper` is the deployed one, so that the authorizer finds the keys."""

    access: AccessStore
    pepper: bytes

    def organization(self, organization: Organization) -> None:
        self.access.put_organization(organization)

    def key(self, secret: str, organization_id: str, scopes: Iterable[Scope] = tuple(Scope)) -> None:
        clock = SystemClock()
        self.access.put_key(
            ApiKey(
                id=RandomIds(clock).new(ids.API_KEY),
                hash=api_key_hash(self.pepper, secret),
                tenant=Tenant(organization_id, livemode=secret.startswith("sk_live_")),
                scopes=frozenset(scopes),
                created_at=clock.now(),
                last_four=secret[-4:],
            )
        )

    def new_key(
        self, organization_id: str = ORGANIZATION.id, scopes: Iterable[Scope] = tuple(Scope), *, livemode: bool = False
    ) -> str:
        secret = api_key_secret(livemode, secrets.token_bytes(24))
        self.key(secret, organization_id, scopes)
        return secret


def seed(seeder: Seeder, remembered: Path) -> str:
    """The organization and its test key; the same key as long as `remembered` is there. Repeatable."""
    seeder.organization(ORGANIZATION)
    secret = _recall(remembered)
    if secret is None:
        secret = api_key_secret(False, secrets.token_bytes(24))
        write_private(remembered, {"api_key": secret})
    seeder.key(secret, ORGANIZATION.id)
    return secret


def write_private(path: Path, content: Mapping[str, str]) -> None:
    """For files that hold a secret: readable by their owner only, from the first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")


def _recall(path: Path) -> str | None:
    if not path.exists():
        return None
    secret = json.loads(path.read_text())["api_key"]
    return secret if isinstance(secret, str) else None
