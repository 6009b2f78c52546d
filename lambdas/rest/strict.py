"""What every request body is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Short = Annotated[str, Field(min_length=1, max_length=255)]
MetadataKey = Annotated[str, Field(min_length=1, max_length=40)]
MetadataValue = Annotated[str, Field(max_length=500)]
Metadata = Annotated[dict[MetadataKey, MetadataValue], Field(max_length=50)]


class Strict(BaseModel):
    """Unknown fields are errors, and a string is not a number."""

    # Built at its first use: a cold start pays for the models of its own request, not for all of them.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)
