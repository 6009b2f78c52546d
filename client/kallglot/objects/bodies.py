"""The body of a good answer → what the caller wants of it. ValueError or TypeError when it is not that."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kallglot.exchange.envelope import info
from kallglot.exchange.steps import Answer
from kallglot.objects.reading import Object, shaped

_Kind = TypeVar("_Kind", bound=Object)


def json_object(answer: Answer) -> Mapping[str, Any]:
    body = json.loads(answer.content)
    if not isinstance(body, dict):
        raise TypeError("a JSON object was expected")
    return body


def one(kind: type[_Kind]) -> Callable[[Answer], _Kind]:
    return lambda answer: shaped(kind, json_object(answer), info(answer))


def text(answer: Answer) -> str:
    return answer.content.decode()
