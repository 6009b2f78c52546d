"""A cancelled TransactWriteItems: one reason for each of its actions, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of
from core.errors import DependencyRefused, Unavailable

CONDITION, CONFLICT = "ConditionalCheckFailed", "TransactionConflict"
_BUSY = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})


def reasons_of(error: ClientError) -> Sequence[Mapping[str, Any]]:
    """Raises the error itself when it is another one, DependencyRefused when nothing says why."""
    if code_of(error) != "TransactionCanceledException":
        raise error
    reasons = error.response.get("CancellationReasons")
    if reasons is None:
        raise DependencyRefused("TransactWriteItems was cancelled without reasons") from error
    return reasons


def codes(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """`None`, as text, for an action that was not to blame."""
    return [str(reason.get("Code")) for reason in reasons]


def refused(reasons: Iterable[Mapping[str, Any]]) -> Exception:
    """When neither a condition nor a conflict was the reason."""
    given = set(codes(reasons)) - {"None"}
    if given & _BUSY:
        return Unavailable("dependency_unavailable", "the store is busy", retry_after_s=1)
    return DependencyRefused(f"TransactWriteItems was refused: {', '.join(sorted(given))}")
