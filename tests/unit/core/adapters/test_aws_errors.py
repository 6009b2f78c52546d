"""botocore's errors → ours."""

from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError

from core.adapters.aws_errors import translated
from core.errors import DependencyRefused, Unavailable


def answered(code: str, status: int = 400) -> ClientError:
    response = {
        "Error": {"Code": code, "Message": "sk_live_secret"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(cast(Any, response), "PutItem")


@pytest.mark.parametrize(
    "error",
    [
        answered("ThrottlingException"),
        answered("ProvisionedThroughputExceededException"),
        answered("TransactionConflictException"),
        answered("InternalServerError", 500),
        answered("WhoKnows", 503),
        ConnectTimeoutError(endpoint_url="https://x"),
        ReadTimeoutError(endpoint_url="https://x"),
        NoCredentialsError(),
    ],
)
def test_what_may_pass_is_unavailable_and_worth_another_try(error: Exception) -> None:
    with pytest.raises(Unavailable) as failed, translated("PutItem"):
        raise error

    assert failed.value.retryable
    assert failed.value.retry_after_s == 1
    assert failed.value.__cause__ is error
    assert "secret" not in failed.value.message


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_what_will_not_pass_is_refused_by_its_code_and_not_by_its_text(code: str) -> None:
    with pytest.raises(DependencyRefused, match=f"PutItem was refused: {code}") as failed, translated("PutItem"):
        raise answered(code)

    assert "secret" not in str(failed.value)


def test_errors_that_are_not_botocores_pass_untouched() -> None:
    with pytest.raises(ZeroDivisionError), translated("PutItem"):
        raise ZeroDivisionError
