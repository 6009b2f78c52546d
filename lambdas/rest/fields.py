"""Kinds of values in the request bodies that have to do with languages, words and voices."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from core.domain.languages import LANGUAGES, is_known
from core.domain.terminology import LONGEST_TERM, TERM_PATTERN

_PRINTED = r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"


def _language(value: object) -> object:
    if not isinstance(value, str) or not is_known(value):
        raise PydanticCustomError("invalid_language_code", "must be a language code of GET /v1/languages")
    return value


# What a validator of ours checks is said to the documents by hand.
Language = Annotated[str, BeforeValidator(_language), Field(json_schema_extra={"enum": list(LANGUAGES)})]
Hint = Annotated[str, Field(min_length=1, max_length=50, pattern=_PRINTED)]
Term = Annotated[str, Field(min_length=1, max_length=LONGEST_TERM, pattern=TERM_PATTERN)]
VoiceName = Annotated[str, Field(min_length=1, max_length=64, pattern=_PRINTED)]
Voices = Annotated[
    dict[Language, VoiceName],
    Field(
        max_length=len(LANGUAGES),
        description="The voice that speaks a language, by its name in the running engine set (`af_heart`, `thorsten`, "
        "`Joanna`). For a name that it does not have, the language's default speaks, and the stream is told "
        "`voice_unknown`.",
        examples=[{"de": "thorsten", "en": "af_heart"}],
    ),
]
