"""JSON → dataclasses, forgiving: a missing field is its default, an unknown one is kept, nothing is ever refused.

An older client thus lives with a newer server. Attributes are what this version knows; `object["name"]` and `raw` hold
everything that came.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from kallglot.exchange.envelope import AnswerInfo

_Shape = TypeVar("_Shape", bound="Shape")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A JSON object, as it came, behind the attributes."""

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> Any:
        return self.raw[name]

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def get(self, name: str, default: Any = None) -> Any:
        return self.raw.get(name, default)


@dataclass(frozen=True, kw_only=True)
class Object(Shape):
    """One that has an id of its own. `answer` tells of the answer it came with; None where it stood in a list."""

    id: str = ""
    object: str = ""
    answer: AnswerInfo | None = field(default=None, repr=False, compare=False)


def shaped(kind: type[_Shape], raw: Mapping[str, Any], answer: AnswerInfo | None = None) -> _Shape:
    """Raises TypeError when `raw` is not a JSON object at all."""
    if not isinstance(raw, Mapping):
        raise TypeError(f"a JSON object is no {type(raw).__name__}")
    values: dict[str, Any] = {"raw": raw}
    for name, hint, required in _attributes(cast(Any, kind)):
        if raw.get(name) is not None:
            values[name] = _read(hint, raw[name])
        elif required:
            values[name] = None
    if answer is not None:
        values["answer"] = answer
    return kind(**values)


@cache
def _attributes(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type without None, whether it has no default; what is ours and not of the JSON is left out."""
    hints = get_type_hints(kind)
    known = (each for each in fields(kind) if each.name not in ("raw", "answer"))
    return tuple((each.name, _without_none(hints[each.name]), _is_required(each)) for each in known)


def _is_required(each: Any) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    [kind] = [each for each in get_args(hint) if each is not type(None)]
    return kind


def _read(hint: Any, value: Any) -> Any:
    """What does not fit its type is left as it came: better an odd value than a call that fails."""
    if hint in (datetime, date):
        return _time(hint, value)
    if isinstance(hint, type) and issubclass(hint, Shape):
        return shaped(hint, value) if isinstance(value, Mapping) else value
    if get_origin(hint) is tuple and isinstance(value, list):
        item = get_args(hint)[0]
        return tuple(_read(item, each) for each in value)
    return float(value) if hint is float and isinstance(value, int) else value


def _time(kind: type[datetime] | type[date], value: Any) -> Any:
    try:
        return kind.fromisoformat(value)
    except (ValueError, TypeError):
        return value
