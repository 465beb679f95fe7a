"""The shape of a conversation: which message follows which. Pure: no texts, no database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Branch:
    """One way through the conversation, from its beginning to a message that nothing follows."""

    leaf: UUID
    fork: UUID | None
    """The last message that another branch shares; None where it shares none."""
    first_own: UUID
    """The first message that no other branch shares."""


class Tree:
    """A conversation as pairs of a message and the message it follows."""

    def __init__(self, messages: Iterable[tuple[UUID, UUID | None]]) -> None:
        self._parent = dict(messages)
        self._children: dict[UUID | None, list[UUID]] = {}
        for message, parent in self._parent.items():
            self._children.setdefault(parent, []).append(message)

    def __contains__(self, message: UUID) -> bool:
        return message in self._parent

    def leaves(self) -> list[UUID]:
        """Messages that nothing follows, the newest first. Ids grow with time."""
        return sorted((message for message in self._parent if message not in self._children), reverse=True)

    def upwards(self, message: UUID) -> Iterator[UUID]:
        """The message, the one it follows, and so on to the beginning."""
        found: UUID | None = message
        while found is not None and found in self._parent:
            yield found
            found = self._parent[found]

    def newest_leaf(self, message: UUID) -> UUID:
        """The newest of the leaves that are reached through this message."""
        newest, waiting = None, [message]
        while waiting:
            found = waiting.pop()
            children = self._children.get(found, ())
            waiting.extend(children)
            if not children and (newest is None or found > newest):
                newest = found
        assert newest is not None
        return newest

    def branch(self, leaf: UUID) -> Branch:
        own = leaf
        for message in self.upwards(leaf):
            own = message
            if len(self._children[self._parent[message]]) > 1:
                break
        else:
            return Branch(leaf, None, own)
        return Branch(leaf, self._parent[own], own)
