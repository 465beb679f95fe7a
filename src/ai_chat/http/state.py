"""How routes reach what the composition root has built: one typed accessor instead of globals."""

from typing import Protocol, TypeVar, cast

from fastapi import Request

Part = TypeVar("Part", covariant=True)


class PartOf(Protocol[Part]):
    """A FastAPI dependency that hands out a part of the application."""

    async def __call__(self, request: Request) -> Part: ...


def part_of(request: Request, kind: type[Part]) -> Part:
    """The part of this type. The composition root stores parts by their type (`app.state.parts`)."""
    return cast(Part, request.app.state.parts[kind])


def part(kind: type[Part]) -> PartOf[Part]:
    """The dependency for the part of this type. It is a coroutine, like every dependency here: FastAPI sends plain functions to
    a thread each time.
    """

    async def find(request: Request) -> Part:
        return part_of(request, kind)

    return find
