"""Numbers that an operator watches: whoever has something to count declares it here, and `/metrics` renders them all.

A metric is a module-level constant beside the code that counts, in Prometheus' words:

    RETRIES = counter("ai_chat_upstream_retries_total", "Attempts made again before the first byte.", "source")
    RETRIES.add(1, "openrouter")

They belong to the process: each worker counts its own, as Prometheus expects.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

Kind = Literal["counter", "gauge"]


class Metric:
    """One number, or one for each combination of its labels' values. Cheap enough for hot paths: a dictionary and a sum."""

    def __init__(self, name: str, meaning: str, kind: Kind, labels: tuple[str, ...]) -> None:
        self.name = name
        self.meaning = meaning
        self.kind: Kind = kind
        self.labels = labels
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}

    def add(self, amount: float, *label_values: str) -> None:
        self._check(label_values)
        self._values[label_values] = self._values.get(label_values, 0.0) + amount

    def set(self, value: float, *label_values: str) -> None:
        """For gauges: what it is now."""
        self._check(label_values)
        self._values[label_values] = value

    def value(self, *label_values: str) -> float:
        """The number as it is now; 0 for labels that have not been seen."""
        return self._values.get(label_values, 0.0)

    @property
    def values(self) -> Mapping[tuple[str, ...], float]:
        """Every combination of label values that has been seen, with its number."""
        return dict(self._values)

    def _check(self, label_values: tuple[str, ...]) -> None:
        if len(label_values) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {len(label_values)} of them")


_all: dict[str, Metric] = {}


def counter(name: str, meaning: str, *labels: str) -> Metric:
    """A number that only grows; by convention its name ends in `_total`."""
    return _declare(Metric(name, meaning, "counter", labels))


def gauge(name: str, meaning: str, *labels: str) -> Metric:
    """A number that goes up and down."""
    return _declare(Metric(name, meaning, "gauge", labels))


def all_metrics() -> Iterator[Metric]:
    """Every metric that has been declared, by name."""
    return iter(sorted(_all.values(), key=lambda metric: metric.name))


def _declare(metric: Metric) -> Metric:
    if metric.name in _all:
        raise ValueError(f"the metric {metric.name} is declared twice")
    _all[metric.name] = metric
    return metric
