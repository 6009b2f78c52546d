"""What the API answers with, as models, a module per noun. They describe `core/domain/views.py` and its like.

They make the documents, and the tests hold every real answer against them. A route names its answer by the class's
name, so a new module here needs no entry anywhere.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

from reference.objects.base import Shown


@cache
def all_objects() -> Mapping[str, type[Shown]]:
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    found = list(_below(Shown))
    by_name = {model.__name__: model for model in found}
    if len(by_name) != len(found):
        raise ValueError("two objects have one name")
    return by_name


def _below(model: type[Shown]) -> Iterator[type[Shown]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)
