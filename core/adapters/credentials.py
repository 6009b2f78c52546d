"""Carriers' credentials: one secret a connection, a JSON object of strings, under the deployment's own prefix."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import TypeAdapter, ValidationError

from core.adapters.aws_errors import code_of, translated
from core.domain.telephony import CREDENTIALS, Connection, Credentials
from core.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_KEPT = timedelta(minutes=1)
_MISSING = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class SecretCredentials:
    """Reads; what was read is kept for a minute."""

    client: SecretsManagerClient
    clock: Clock
    _known: dict[str, tuple[datetime, Credentials | None]] = field(default_factory=dict, init=False, repr=False)

    def of(self, connection: Connection) -> Credentials | None:
        read_at, credentials = self._known.get(connection.secret, (None, None))
        now = self.clock.now()
        if read_at is None or now - read_at >= _KEPT:
            credentials = self._read(connection)
            self._known[connection.secret] = now, credentials
        return credentials

    def _read(self, connection: Connection) -> Credentials | None:
        with translated("GetSecretValue"):
            try:
                text = self.client.get_secret_value(SecretId=connection.secret)["SecretString"]
            except ClientError as error:
                if code_of(error) != _MISSING:
                    raise
                return None
        try:
            read: Credentials = TypeAdapter(CREDENTIALS[connection.carrier]).validate_json(text)
        except ValidationError:
            return None
        return read


@dataclass(frozen=True, slots=True)
class SecretCredentialWriter:
    """For the operator's command; no function of the deployment may write secrets."""

    client: SecretsManagerClient

    def put(self, name: str, credentials: Credentials) -> None:
        text = TypeAdapter(type(credentials)).dump_json(credentials).decode()
        with translated("PutSecretValue"):
            try:
                self.client.put_secret_value(SecretId=name, SecretString=text)
            except ClientError as error:
                if code_of(error) != _MISSING:
                    raise
                self.client.create_secret(
                    Name=name, Description="A carrier's credentials for Kallglot", SecretString=text
                )

    def remove(self, name: str) -> None:
        with translated("DeleteSecret"):
            try:
                self.client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
            except ClientError as error:
                if code_of(error) != _MISSING:
                    raise
