"""Amazon Bedrock's ConverseStream: one request, events as they come. One try; who calls decides what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from botocore.config import Config
from botocore.eventstream import ParserError
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as StreamTimeoutError

from core.adapters import clients
from core.adapters.aws_errors import code_of
from core.errors import ModelError

# In lower case: an answer has them as names of types, an event stream as names of members.
_BY_CODE = {
    "accessdeniedexception": ("model_refused", False),
    "internalserverexception": ("model_unavailable", True),
    "modelerrorexception": ("model_failed", True),
    "modelnotreadyexception": ("model_unavailable", True),
    "modelstreamerrorexception": ("model_failed", True),
    "modeltimeoutexception": ("model_timeout", True),
    "resourcenotfoundexception": ("model_not_found", False),
    "servicequotaexceededexception": ("model_quota_used_up", False),
    "serviceunavailableexception": ("model_unavailable", True),
    "throttlingexception": ("model_throttled", True),
    "validationexception": ("model_request_rejected", False),
}


class ConverseEvents:
    """Iterate in one thread, `close` from any: it wakes the one that waits for the next event."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Raises ModelError."""
        with _told(), self._closing():
            yield from self._stream

    def close(self) -> None:
        # botocore offers `close` alone, which waits for a read that is going on; ending the connection wakes that up.
        with suppress(ValueError, RuntimeError, OSError):
            self._stream._raw_stream.shutdown()

    @contextmanager
    def _closing(self) -> Iterator[None]:
        """Unread events are in the connection still: it is closed, and goes to nobody else."""
        try:
            yield
        finally:
            self._stream.close()


class BedrockConverse:
    def __init__(self, client: Any) -> None:
        self._client = client

    def open(self, request: Mapping[str, Any]) -> ConverseEvents:
        """`request` is in ConverseStream's shape. Returns when the answer begins. Raises ModelError."""
        with _told():
            return ConverseEvents(self._client.converse_stream(**request)["stream"])

    def close(self) -> None:
        self._client.close()


def bedrock_converse(
    endpoint_url: str | None, region: str | None, *, connections: int, connect_s: float, read_s: float
) -> BedrockConverse:
    """Here and not among the `clients`, whose services' models go into the functions' archive."""
    config = clients.once(read_s, connections).merge(Config(connect_timeout=connect_s))
    make_client: Any = clients.session().create_client
    return BedrockConverse(make_client("bedrock-runtime", region_name=region, endpoint_url=endpoint_url, config=config))


@contextmanager
def _told() -> Iterator[None]:
    """By type and code, never by text, which may quote the conversation."""
    try:
        yield
    except ClientError as error:
        raise _answered(error) from None
    except (ConnectTimeoutError, ReadTimeoutError, StreamTimeoutError):
        raise ModelError("model_timeout", retryable=True) from None
    except NoCredentialsError:
        raise ModelError("model_refused") from None
    except ParserError:
        raise ModelError("model_answer_unreadable", retryable=True) from None
    except (BotoCoreError, HTTPError, OSError):
        raise ModelError("model_unavailable", retryable=True) from None


def _answered(error: ClientError) -> ModelError:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code, retryable = _BY_CODE.get(
        code_of(error).lower(), ("model_unavailable", True) if status >= 500 else ("model_refused", False)
    )
    return ModelError(code, retryable=retryable)
