"""Languages: `core.domain.engines`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reference.objects.base import ListOf, Shown


class Language(Shown):
    id: str
    object: Literal["language"]
    code: str
    name: str
    speech_in: Annotated[bool, Field(description="It is understood when spoken.")]
    text: Annotated[bool, Field(description="It is translated from or into.")]
    speech_out: Annotated[bool, Field(description="It is spoken.")]


class LanguageList(ListOf):
    data: list[Language]
