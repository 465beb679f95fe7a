"""The port through which others hear of generations: declared here, implemented by whoever tells or counts."""

from typing import Protocol

from ai_chat.relay.generation import Ending, GenerationPlan


class GenerationObserver(Protocol):
    """Told of every generation that begins and ends here. Calls are synchronous, cheap, and never fail."""

    def started(self, plan: GenerationPlan) -> None:
        """It runs, and can be followed."""

    def ended(self, ending: Ending) -> None:
        """It has ended and is stored; also one that a dead worker left."""


class Nobody:
    """Where nobody needs to hear of it."""

    def started(self, plan: GenerationPlan) -> None: ...

    def ended(self, ending: Ending) -> None: ...


class Observers:
    """Several, told one after the other."""

    def __init__(self, *observers: GenerationObserver) -> None:
        self._observers = list(observers)

    def add(self, observer: GenerationObserver) -> None:
        self._observers.append(observer)

    def started(self, plan: GenerationPlan) -> None:
        for observer in self._observers:
            observer.started(plan)

    def ended(self, ending: Ending) -> None:
        for observer in self._observers:
            observer.ended(ending)
