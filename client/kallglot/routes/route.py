"""How a route that is written once is called by both clients.

A route is a method that *describes* what is to happen: it returns a `Request` (or a `Plan` of several). Looked up on
a resource of `Kallglot` it is a method that does it and returns the result; on one of `AsyncKallglot`, a coroutine
function. Type checkers see exactly that, parameters included.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from kallglot.exchange.exchanging import Terms
from kallglot.exchange.requests import Request
from kallglot.exchange.steps import Plan
from kallglot.objects.lists import Page, following
from kallglot.objects.reading import Shape

if TYPE_CHECKING:
    from kallglot.clients import AsyncKallglot, Kallglot

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item", bound=Shape)
Client = TypeVar("Client", "Kallglot", "AsyncKallglot")


class Resource(Generic[Client]):
    """A noun of the API, on one of the clients."""

    def __init__(self, client: Client) -> None:
        self._client: Client = client

    @property
    def _terms(self) -> Terms:
        return self._client.terms


class Route(Generic[P, T]):
    """One request, one result."""

    def __init__(self, build: Callable[Concatenate[Any, P], Request[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type[Any]) -> Route[P, T]: ...

    @overload
    def __get__(self, resource: Resource[Kallglot], owner: type[Any]) -> Callable[P, T]: ...

    @overload
    def __get__(self, resource: Resource[AsyncKallglot], owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, resource: Any, owner: type[Any]) -> Any:
        return self if resource is None else _bound(self.build, resource, lambda client, built: client.send(built))


class Errand(Generic[P, T]):
    """Several requests, one result: the method returns their plan."""

    def __init__(self, build: Callable[Concatenate[Any, P], Plan[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type[Any]) -> Errand[P, T]: ...

    @overload
    def __get__(self, resource: Resource[Kallglot], owner: type[Any]) -> Callable[P, T]: ...

    @overload
    def __get__(self, resource: Resource[AsyncKallglot], owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, resource: Any, owner: type[Any]) -> Any:
        return self if resource is None else _bound(self.build, resource, lambda client, plan: client.run(plan))


class Listing(Generic[P, Item]):
    """A list, which may have more pages: what the method returns is iterated, with `for` or `async for`."""

    def __init__(self, build: Callable[Concatenate[Any, P], Request[Page[Item]]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type[Any]) -> Listing[P, Item]: ...

    @overload
    def __get__(self, resource: Resource[Kallglot], owner: type[Any]) -> Callable[P, Pages[Item]]: ...

    @overload
    def __get__(self, resource: Resource[AsyncKallglot], owner: type[Any]) -> Callable[P, AsyncPages[Item]]: ...

    def __get__(self, resource: Any, owner: type[Any]) -> Any:
        return self if resource is None else _bound(self.build, resource, lambda client, built: client.pages(built))


class Pages(Generic[Item]):
    """All objects of a list, page by page behind the scenes; asked for as they are needed."""

    def __init__(self, client: Kallglot, request: Request[Page[Item]]) -> None:
        self._client = client
        self._request = request

    def page(self) -> Page[Item]:
        """The first page alone."""
        return self._client.send(self._request)

    def pages(self) -> Iterator[Page[Item]]:
        request: Request[Page[Item]] | None = self._request
        while request is not None:
            page = self._client.send(request)
            yield page
            request = following(request, page)

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from page.data


class AsyncPages(Generic[Item]):
    """As `Pages`, for `async for`."""

    def __init__(self, client: AsyncKallglot, request: Request[Page[Item]]) -> None:
        self._client = client
        self._request = request

    async def page(self) -> Page[Item]:
        """The first page alone."""
        return await self._client.send(self._request)

    async def pages(self) -> AsyncIterator[Page[Item]]:
        request: Request[Page[Item]] | None = self._request
        while request is not None:
            page = await self._client.send(request)
            yield page
            request = following(request, page)

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in page.data:
                yield item


def _bound(build: Callable[..., Any], resource: Any, do: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Not `functools.wraps`: its signature would keep `self` and the request it builds."""

    def call(*arguments: Any, **named: Any) -> Any:
        return do(resource._client, build(resource, *arguments, **named))

    call.__name__, call.__qualname__, call.__doc__ = build.__name__, build.__qualname__, build.__doc__
    return call
