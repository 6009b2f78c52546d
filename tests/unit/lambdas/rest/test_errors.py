"""The table of errors."""

from __future__ import annotations

import inspect

import pytest

from core import errors
from core.errors import KallglotError
from core.services.streams import ReconnectWindowOver, SessionEnded
from lambdas.rest.errors import TABLE, MethodNotAllowed, failure_of

KNOWN = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, KallglotError)]


@pytest.mark.parametrize("cls", KNOWN)
def test_every_error_of_the_hierarchy_has_its_own_row(cls: type[KallglotError]) -> None:
    assert cls in TABLE


@pytest.mark.parametrize(
    ("cls", "status", "kind"),
    [
        (errors.InvalidRequest, 400, "invalid_request_error"),
        (errors.UnsupportedMediaType, 415, "invalid_request_error"),
        (errors.PayloadTooLarge, 413, "invalid_request_error"),
        (MethodNotAllowed, 405, "invalid_request_error"),
        (errors.AuthenticationFailed, 401, "authentication_error"),
        (errors.PermissionDenied, 403, "permission_error"),
        (errors.CreditsExhausted, 402, "permission_error"),
        (errors.NotFound, 404, "not_found_error"),
        (errors.Conflict, 409, "conflict_error"),
        (errors.ValidationFailed, 422, "validation_error"),
        (errors.RateLimited, 429, "rate_limit_error"),
        (errors.Unavailable, 503, "api_error"),
    ],
)
def test_a_class_has_its_status_and_type(cls: type[KallglotError], status: int, kind: str) -> None:
    failure = failure_of(cls("some_code", "some text", param="a.b", retry_after_s=3))

    assert (failure.status, failure.type) == (status, kind)
    assert (failure.code, failure.message, failure.param, failure.retry_after_s) == ("some_code", "some text", "a.b", 3)


@pytest.mark.parametrize("error", [SessionEnded("sess_1"), ReconnectWindowOver("sess_1")])
def test_a_leaf_takes_the_row_of_its_nearest_ancestor(error: KallglotError) -> None:
    assert failure_of(error).status == 409
