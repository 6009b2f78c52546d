"""Carriers' credentials: one secret a connection, a JSON object of strings, under the deployment's own prefix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.adapters import named_secrets
from core.domain.telephony import CREDENTIALS, Connection, Credentials
from core.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class SecretCredentials:
    """Reads; what was read is kept for a minute."""

    client: SecretsManagerClient
    clock: Clock
    _kept: named_secrets.Kept[Credentials] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_kept", named_secrets.Kept(self.clock))

    def of(self, connection: Connection) -> Credentials | None:
        return self._kept.get(connection.secret, lambda: self._read(connection))

    def _read(self, connection: Connection) -> Credentials | None:
        return named_secrets.read(self.client, connection.secret, CREDENTIALS[connection.carrier])


@dataclass(frozen=True, slots=True)
class SecretCredentialWriter:
    """For the operator's command; no function of the deployment may write secrets."""

    client: SecretsManagerClient

    def put(self, name: str, credentials: Credentials) -> None:
        named_secrets.put(self.client, name, credentials, "A carrier's credentials for Kallglot")

    def remove(self, name: str) -> None:
        named_secrets.remove(self.client, name)
