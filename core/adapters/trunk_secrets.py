"""Passwords of SIP trunks: one secret a tenant, below the prefix that connections' secrets have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.adapters import named_secrets
from core.domain.sip import TrunkCredentials
from core.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class TrunkSecrets:
    """Writes, and may not read: nobody asks the API for a password again."""

    client: SecretsManagerClient

    def put(self, name: str, credentials: TrunkCredentials) -> None:
        named_secrets.put(self.client, name, credentials, "The password of a SIP trunk for Kallglot")

    def remove(self, name: str) -> None:
        named_secrets.remove(self.client, name)


@dataclass(frozen=True, slots=True)
class TrunkSecretReader:
    """What was read is kept for a minute, so that a new password is soon seen."""

    client: SecretsManagerClient
    clock: Clock
    _kept: named_secrets.Kept[TrunkCredentials] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_kept", named_secrets.Kept(self.clock))

    def of(self, name: str) -> TrunkCredentials | None:
        return self._kept.get(name, lambda: named_secrets.read(self.client, name, TrunkCredentials))
