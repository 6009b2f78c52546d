"""Hugging Face's HTTP API, and what serves the same: a revision becomes a commit, a commit's files come by range.

A token goes to the hub's own origin alone; large files lie elsewhere, and a redirect there carries no token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, Field, ValidationError

from core.errors import Unavailable
from media_worker.model_store.fetching import Body
from media_worker.model_store.lock import LockedFile, LockedModel
from media_worker.model_store.names import repository, revision
from media_worker.model_store.problems import ModelsProblem

ADDRESS = "https://huggingface.co"
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_MOST_REDIRECTS = 5
_MOST_JSON = 16 * 1024 * 1024
_RANGE = re.compile(r"bytes (\d+)-")
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class _Large(BaseModel):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class _Sibling(BaseModel):
    rfilename: str
    size: int | None = Field(None, ge=0)
    blobId: str | None = Field(None, pattern=r"^[0-9a-f]{40}$")
    lfs: _Large | None = None


class _Revision(BaseModel):
    sha: str = Field(pattern=r"^[0-9a-f]{40}$")
    siblings: list[_Sibling] = Field(max_length=100_000)


@dataclass(frozen=True, slots=True)
class Published:
    """A file as the hub tells of it: by its SHA-256 where it is large, else by the name git has for its content."""

    name: str
    size: int
    sha256: str | None
    blob: str | None


class Hub:
    def __init__(self, http: httpx.Client, address: str = ADDRESS, token: str | None = None) -> None:
        self._http = http
        self._base = httpx.URL(address.rstrip("/") + "/")
        self._token = token
        if token and self._base.scheme != "https" and self._base.host not in _LOCAL:
            raise ModelsProblem(f"a token is not sent to {self._base.host} without TLS: give an https address")

    def resolve(self, repo: str, wanted: str) -> tuple[str, list[Published]]:
        """The commit that `wanted` names now, and its files."""
        path = f"api/models/{repository(repo)}/revision/{quote(revision(wanted), safe='')}?blobs=true"
        with self._get(path, {}, f"{repo} at {wanted}") as answer:
            told = _told(answer, repo)
        files = [
            Published(each.rfilename, each.lfs.size if each.lfs else each.size or 0, _sum(each), each.blobId)
            for each in told.siblings
        ]
        return told.sha, files

    @contextmanager
    def open(self, model: LockedModel, file: LockedFile, offset: int) -> Iterator[Body]:
        if model.repo is None or model.commit is None:
            raise ModelsProblem(f"{file.path} was not pulled from a hub: restore it from where it was made")
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={offset}-"} if offset else {})}
        path = f"{model.repo}/resolve/{model.commit}/{quote(file.name)}"
        with self._get(path, headers, f"{file.name} of {model.repo}") as answer:
            found = _RANGE.match(answer.headers.get("content-range", "")) if answer.status_code == 206 else None
            yield int(found[1]) if found else 0, _bytes(answer)

    @contextmanager
    def _get(self, path: str, headers: Mapping[str, str], what: str) -> Iterator[httpx.Response]:
        url = self._base.join(path)
        for _ in range(_MOST_REDIRECTS):
            with _reached(url), self._http.stream("GET", url, headers={**headers, **self._key(url)}) as answer:
                if not answer.has_redirect_location:
                    _judge(answer, what)
                    yield answer
                    return
                url = _elsewhere(url, answer.headers["location"])
        raise ModelsProblem(f"{self._base.host} leads in a circle for {what}")

    def _key(self, url: httpx.URL) -> Mapping[str, str]:
        same = (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)
        return {"Authorization": f"Bearer {self._token}"} if self._token and same else {}


@contextmanager
def _reached(url: httpx.URL) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException:
        raise Unavailable("hub_unavailable", f"{url.host} does not answer") from None
    except httpx.HTTPError as error:
        raise Unavailable("hub_unavailable", f"{url.host} cannot be reached ({type(error).__name__})") from None


def _elsewhere(url: httpx.URL, location: str) -> httpx.URL:
    there = url.join(location)
    if there.scheme not in ("https", url.scheme):
        raise ModelsProblem(f"{url.host} leads from https to {there.scheme}: nothing is fetched from there")
    return there


def _judge(answer: httpx.Response, what: str) -> None:
    status, host = answer.status_code, answer.url.host
    if status in (401, 403):
        raise ModelsProblem(f"{host} does not let us have {what}: accept its licence there, and set HF_TOKEN")
    if status == 404:
        raise ModelsProblem(f"{host} has no {what}")
    if status == 416:
        raise Unavailable("wrong_range", f"{host} has another file than the one that was begun")
    if status == 429 or status >= 500:
        raise Unavailable("hub_unavailable", f"{host} answers {status}")
    if not answer.is_success:
        raise ModelsProblem(f"{host} answers {status} for {what}")


def _told(answer: httpx.Response, repo: str) -> _Revision:
    data = b""
    for piece in _bytes(answer):
        data += piece
        if len(data) > _MOST_JSON:
            raise ModelsProblem(f"{answer.url.host} says too much about {repo}")
    try:
        return _Revision.model_validate_json(data)
    except ValidationError:
        raise ModelsProblem(f"{answer.url.host} does not say which files {repo} consists of") from None


def _bytes(answer: httpx.Response) -> Iterator[bytes]:
    with _reached(answer.url):
        yield from answer.iter_bytes()


def _sum(each: _Sibling) -> str | None:
    return each.lfs.sha256 if each.lfs else None


def client(**options: Any) -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, **options)
