"""A single write on condition, which may not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of, translated


def write_if(operation: str, write: Callable[..., Any], **request: Any) -> tuple[bool, Mapping[str, Any]]:
    """Whether the condition held; and the attributes that `request` asks to have returned, in either case.

    `write` is a method of the client: put_item, update_item or delete_item.
    """
    with translated(operation):
        try:
            return True, write(**request).get("Attributes", {})
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            held: Any = error.response.get("Item") or {}
            return False, held
