"""One route: who answers, who may ask, and what documents it. The tables are in the nouns' modules, `ROUTES`.

What documents a route costs a request nothing: names and tuples, read by `reference` when the documents are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from core.domain.access import Scope


@dataclass(frozen=True, slots=True)
class Route:
    """`path` names its parameters `<so>`; `run` takes the call and them, and its docstring is what customers read.

    `scope` is None where no API key is asked for. `answer` names a class of `reference.objects`; `texts` are the other
    media types a success may have. `errors` are the codes beyond those that `reference.codes` knows of every route
    with a key, a body, a query or an idempotency key. `signature` names the header that a carrier signs with.
    """

    method: str
    path: str
    scope: Scope | None
    run: Callable[..., Response[str]]
    _: KW_ONLY
    tag: str
    summary: str
    answer: str | None = None
    status: int = 200
    texts: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    body_optional: bool = False
    body_type: str = "application/json"
    query: type[BaseModel] | None = None
    idempotent: bool = False
    errors: tuple[str, ...] = ()
    signature: str | None = None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """The placeholders of the path, in order."""
        return re.findall("<([a-z_]+)>", self.path)

    def match(self, path: str) -> dict[str, str] | None:
        """The parameters in `path`; None when it is another route's."""
        found = re.fullmatch(re.sub("<([a-z_]+)>", r"(?P<\1>[^/]+)", re.escape(self.path)), path)
        return found.groupdict() if found else None
