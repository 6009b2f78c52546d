"""Passwords of SIP trunks: one secret a tenant, below the prefix that connections' secrets have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import TypeAdapter, ValidationError

from core.adapters.aws_errors import code_of, translated
from core.domain.sip import TrunkCredentials
from core.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_KEPT = timedelta(minutes=1)
_MISSING = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class TrunkSecrets:
    """Writes, and may not read: nobody asks the API for a password again."""

    client: SecretsManagerClient

    def put(self, name: str, credentials: TrunkCredentials) -> None:
        text = TypeAdapter(TrunkCredentials).dump_json(credentials).decode()
        with translated("PutSecretValue"):
            try:
                self.client.put_secret_value(SecretId=name, SecretString=text)
            except ClientError as error:
                if code_of(error) != _MISSING:
                    raise
                self.client.create_secret(
                    Name=name, Description="The password of a SIP trunk for Kallglot", SecretString=text
                )

    def remove(self, name: str) -> None:
        with translated("DeleteSecret"):
            try:
                self.client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
            except ClientError as error:
                if code_of(error) != _MISSING:
                    raise


@dataclass(frozen=True, slots=True)
class TrunkSecretReader:
    """What was read is kept for a minute, so that a new password is soon seen."""

    client: SecretsManagerClient
    clock: Clock
    _known: dict[str, tuple[datetime, TrunkCredentials | None]] = field(default_factory=dict, init=False, repr=False)

    def of(self, name: str) -> TrunkCredentials | None:
        read_at, credentials = self._known.get(name, (None, None))
        now = self.clock.now()
        if read_at is None or now - read_at >= _KEPT:
            credentials = self._read(name)
            self._known[name] = now, credentials
        return credentials

    def _read(self, name: str) -> TrunkCredentials | None:
        with translated("GetSecretValue"):
            try:
                text = self.client.get_secret_value(SecretId=name)["SecretString"]
            except ClientError as error:
                if code_of(error) != _MISSING:
                    raise
                return None
        try:
            return TypeAdapter(TrunkCredentials).validate_json(text)
        except ValidationError:
            return None
