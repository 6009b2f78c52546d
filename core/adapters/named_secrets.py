"""Secrets whose names are ours: JSON objects that are made where there is none, and gone when they are removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from botocore.exceptions import ClientError
from pydantic import TypeAdapter, ValidationError

from core.adapters.aws_errors import code_of, translated
from core.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

T = TypeVar("T")
_KEPT = timedelta(minutes=1)
_MISSING = "ResourceNotFoundException"


def put(client: SecretsManagerClient, name: str, value: object, description: str) -> None:
    text = TypeAdapter(type(value)).dump_json(value).decode()
    with translated("PutSecretValue"):
        try:
            client.put_secret_value(SecretId=name, SecretString=text)
        except ClientError as error:
            if code_of(error) != _MISSING:
                raise
            client.create_secret(Name=name, Description=description, SecretString=text)


def remove(client: SecretsManagerClient, name: str) -> None:
    """One that is not there is fine."""
    with translated("DeleteSecret"):
        try:
            client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except ClientError as error:
            if code_of(error) != _MISSING:
                raise


def read(client: SecretsManagerClient, name: str, kind: type[T]) -> T | None:
    """None when there is none, or something else in it."""
    with translated("GetSecretValue"):
        try:
            text = client.get_secret_value(SecretId=name)["SecretString"]
        except ClientError as error:
            if code_of(error) != _MISSING:
                raise
            return None
    try:
        return TypeAdapter(kind).validate_json(text)
    except ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What was read is kept for a minute, that there is none included: a new one is soon seen."""

    clock: Clock
    _known: dict[str, tuple[datetime, T | None]] = field(default_factory=dict, init=False, repr=False)

    def get(self, name: str, reads: Callable[[], T | None]) -> T | None:
        read_at, value = self._known.get(name, (None, None))
        now = self.clock.now()
        if read_at is None or now - read_at >= _KEPT:
            value = reads()
            self._known[name] = now, value
        return value
