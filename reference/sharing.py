"""Responses that many operations have in common, said once: the commonest of each status goes into `components`."""

from __future__ import annotations

import json
from collections import Counter
from http import HTTPStatus
from typing import Any


def share_responses(paths: dict[str, Any]) -> dict[str, Any]:
    """The components; in `paths` they are replaced by references."""
    operations = [operation for path in paths.values() for operation in path.values()]
    shared = {}
    for status in sorted({status for operation in operations for status in operation["responses"]}):
        having = [operation["responses"] for operation in operations if status in operation["responses"]]
        commonest, count = Counter(json.dumps(responses[status]) for responses in having).most_common(1)[0]
        if count > 1:
            name = HTTPStatus(int(status)).phrase.title().replace(" ", "")
            shared[name] = json.loads(commonest)
            _refer(having, status, commonest, name)
    return shared


def _refer(having: list[dict[str, Any]], status: str, commonest: str, name: str) -> None:
    for responses in having:
        if json.dumps(responses[status]) == commonest:
            responses[status] = {"$ref": f"#/components/responses/{name}"}
