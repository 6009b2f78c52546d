"""API keys: `core.domain.api_keys`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.domain.access import Scope
from reference.objects.base import ListOf, Shown, Timestamp


class ApiKey(Shown):
    id: Annotated[str, Field(pattern="^key_", examples=["key_01HABC987654321"])]
    object: Literal["api_key"]
    name: str | None
    livemode: Annotated[bool, Field(description="Whether it sees live data or test data.")]
    scopes: list[Scope]
    last_four: Annotated[str, Field(description="How its text ends.")]
    created_at: Timestamp
    expires_at: Timestamp | None
    revoked_at: Timestamp | None


class NewApiKey(ApiKey):
    """An API key as its creation answers with it."""

    key: Annotated[str, Field(pattern="^sk_(live|test)_", description="The key itself, in this answer only.")]


class ApiKeyList(ListOf):
    data: list[ApiKey]
