"""botocore's errors → ours, in one place; decided by type and code, never by text.

What may pass when tried again becomes `Unavailable`. What will not (a missing grant, a table that does not exist, a
malformed request) becomes `DependencyRefused`, which no edge explains to a client.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from core.errors import DependencyRefused, Unavailable

_RETRYABLE_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Around every call of an adapter; errors that mean something to the adapter are caught inside it."""
    try:
        yield
    except ClientError as error:
        raise _answered(operation, error) from error
    except BotoCoreError as error:
        raise Unavailable("dependency_unavailable", f"{operation} got no answer", retry_after_s=1) from error


def _answered(operation: str, error: ClientError) -> Exception:
    code = code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _RETRYABLE_CODES or status >= 500:
        return Unavailable("dependency_unavailable", f"{operation} failed: {code}", retry_after_s=1)
    return DependencyRefused(f"{operation} was refused: {code}")
