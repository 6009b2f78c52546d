"""The error envelope (contract section 3)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reference.objects.base import Shown

ErrorType = Literal[
    "authentication_error",
    "permission_error",
    "invalid_request_error",
    "not_found_error",
    "conflict_error",
    "validation_error",
    "rate_limit_error",
    "api_error",
]


class ErrorDetail(Shown):
    type: ErrorType
    code: Annotated[str, Field(description="What to program against.")]
    message: Annotated[str, Field(description="For people. It may change.")]
    param: Annotated[str | None, Field(description="The field that is wrong, by its dotted path.")]
    request_id: Annotated[str, Field(description="As in `X-Request-ID`.")]
    doc_url: Annotated[str, Field(json_schema_extra={"format": "uri"}, description="Where the code is explained.")]
    retry_after: Annotated[int | None, Field(ge=0, description="Seconds after which the same call may succeed.")]


class Error(Shown):
    """What every refusal looks like, whoever refuses."""

    error: ErrorDetail
