"""`models.lock.json`: which files the models here consist of, from which commit, how long, and with which SHA-256.

Written when a model is first pulled; from then on every pull, every verification and every start is held to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from media_worker.model_store.names import inside, repository
from media_worker.model_store.problems import ModelsProblem

FILE = "models.lock.json"
MOST_BYTES = 4 * 1024 * 1024
_MOST_FILES = 1000
_LARGEST = 1 << 40


def _checked(name: str) -> str:
    try:
        return inside(name)
    except ModelsProblem as problem:
        raise ValueError(str(problem)) from None


def _known_repository(name: str) -> str:
    try:
        return repository(name)
    except ModelsProblem as problem:
        raise ValueError(str(problem)) from None


Inside = Annotated[str, AfterValidator(_checked)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LockedFile(_Strict):
    """`path` is below the folder of models, `name` the file's name where it comes from, `size` bytes."""

    path: Inside
    name: Inside
    size: Annotated[int, Field(ge=0, le=_LARGEST)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LockedModel(_Strict):
    """Without `repo` and `commit` it was made here, not pulled."""

    family: str
    licence: str
    repo: Annotated[str, AfterValidator(_known_repository)] | None = None
    revision: str | None = None
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40,64}$")] | None = None
    files: Annotated[tuple[LockedFile, ...], Field(min_length=1, max_length=_MOST_FILES)]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


class Lock(_Strict):
    version: Literal[1] = 1
    models: Mapping[str, LockedModel] = {}

    @classmethod
    def read(cls, data: bytes, where: str) -> Self:
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "the file"
            raise ModelsProblem(
                f"{where} cannot be read ({place}: {first['msg']}): restore it, or remove it and pull again"
            ) from None

    def written(self) -> bytes:
        return (self.model_dump_json(indent=2, exclude_none=True) + "\n").encode()

    def files(self) -> Iterator[LockedFile]:
        for model in self.models.values():
            yield from model.files

    def with_model(self, name: str, model: LockedModel) -> Lock:
        return Lock(models=dict(sorted({**self.models, name: model}.items())))

    def without(self, name: str) -> Lock:
        return Lock(models={other: model for other, model in self.models.items() if other != name})

    def only(self, *names: str) -> Lock:
        """Of `names` those that are in it; of no names all."""
        return Lock(models={name: model for name, model in self.models.items() if not names or name in names})

    def rivals(self, name: str, paths: frozenset[str]) -> list[str]:
        """Other models that hold one of `paths`: only one model can be in a place."""
        return [
            other
            for other, model in self.models.items()
            if other != name and paths & {file.path for file in model.files}
        ]
