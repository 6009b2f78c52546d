"""The documents that the API serves about itself."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from reference.objects.base import Shown


class AsyncApiDocument(Shown):
    """AsyncAPI 3.0."""

    model_config = ConfigDict(extra="allow")

    asyncapi: Annotated[str, Field(pattern=r"^3\.0\.")]
    info: dict[str, Any]
    channels: dict[str, Any]


class OpenApiDocument(Shown):
    """OpenAPI 3.1."""

    model_config = ConfigDict(extra="allow")

    openapi: Annotated[str, Field(pattern=r"^3\.1\.")]
    info: dict[str, Any]
    paths: dict[str, Any]
