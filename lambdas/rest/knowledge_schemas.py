"""The request bodies of knowledge bases and their documents."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from core.domain.knowledge_bases import MOST_BYTES, MOST_INLINE_CHARACTERS, ContentType
from lambdas.rest.fields import Language
from lambdas.rest.strict import Strict

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
BaseLanguage = Annotated[
    Language, Field(description="What its documents are written in. Left out, it is guessed when they are searched.")
]


def _content_type(value: object) -> object:
    if value not in tuple(ContentType):
        raise PydanticCustomError("invalid_content_type", "must be one of " + ", ".join(ContentType))
    return value


def _whole(value: object) -> object:
    """JSON has one kind of number: 60.0 is an integer as its schema sees it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class CreateKnowledgeBase(Strict):
    """POST /v1/knowledge_bases."""

    name: Name
    language: BaseLanguage | None = None


class UpdateKnowledgeBase(Strict):
    """PATCH /v1/knowledge_bases/{id}. What is left out stays as it is."""

    name: Name | None = None
    language: BaseLanguage | None = None


class CreateDocument(Strict):
    """POST /v1/knowledge_bases/{id}/documents. With `text`, or with `size` and an upload to come; never both."""

    name: Annotated[Name, Field(description="As it is told to callers as the source of an answer.")]
    content_type: Annotated[ContentType, BeforeValidator(_content_type)]
    text: (
        Annotated[
            str,
            Field(min_length=1, max_length=MOST_INLINE_CHARACTERS, description="Plain text, or markdown; not a PDF."),
        ]
        | None
    ) = None
    size: (
        Annotated[
            int,
            Field(ge=1, le=MOST_BYTES, description="How many bytes will be uploaded, exactly."),
            BeforeValidator(_whole),
        ]
        | None
    ) = None
