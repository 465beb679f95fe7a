"""Numbers that an operator watches: whoever has something to count declares it here, and `/metrics` renders them all.

A metric is a module-level constant beside the code that counts, in Prometheus' words:

    RETRIES = counter("ai_chat_upstream_retries_total", "Attempts made again before the first byte.", "source")
    RETRIES.add(1, "openrouter")

They belong to the process: each worker counts its own, as Prometheus expects.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]


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

    def series(self) -> Iterator[tuple[str, tuple[tuple[str, str], ...], float]]:
        """Every line of it: name, labels with their values, number."""
        for label_values, number in list(self._values.items()):
            yield self.name, tuple(zip(self.labels, label_values, strict=True)), number

    def _check(self, label_values: tuple[str, ...]) -> None:
        if len(label_values) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {len(label_values)} of them")


class Histogram(Metric):
    """How often which size was seen. Its values are those that Prometheus expects: `_bucket` by `le`, `_sum`, `_count`."""

    def __init__(self, name: str, meaning: str, labels: tuple[str, ...], buckets: Sequence[float]) -> None:
        super().__init__(name, meaning, "histogram", labels)
        self._bounds = tuple(sorted(buckets))
        self._seen: dict[tuple[str, ...], list[float]] = {} if labels else {(): self._empty()}

    def observe(self, size: float, *label_values: str) -> None:
        self._check(label_values)
        seen = self._seen.get(label_values)
        if seen is None:
            seen = self._seen[label_values] = self._empty()
        seen[bisect_left(self._bounds, size)] += 1
        seen[-1] += size

    def value(self, *label_values: str) -> float:
        """How many were seen."""
        return sum(self._seen.get(label_values, [0.0])[:-1])

    @property
    def values(self) -> Mapping[tuple[str, ...], float]:
        return {labels: sum(seen[:-1]) for labels, seen in self._seen.items()}

    def series(self) -> Iterator[tuple[str, tuple[tuple[str, str], ...], float]]:
        for label_values, seen in list(self._seen.items()):
            labels, total = tuple(zip(self.labels, label_values, strict=True)), 0.0
            for bound, count in zip((*self._bounds, "+Inf"), seen, strict=False):
                total += count
                yield f"{self.name}_bucket", (*labels, ("le", f"{bound}")), total
            yield f"{self.name}_sum", labels, seen[-1]
            yield f"{self.name}_count", labels, total

    def _empty(self) -> list[float]:
        return [0.0] * (len(self._bounds) + 2)


_all: dict[str, Metric] = {}


def counter(name: str, meaning: str, *labels: str) -> Metric:
    """A number that only grows; by convention its name ends in `_total`."""
    return _declare(Metric(name, meaning, "counter", labels))


def gauge(name: str, meaning: str, *labels: str) -> Metric:
    """A number that goes up and down."""
    return _declare(Metric(name, meaning, "gauge", labels))


def histogram(name: str, meaning: str, *labels: str, buckets: Sequence[float]) -> Histogram:
    """How often which size was seen; by convention its name ends in the unit."""
    declared = Histogram(name, meaning, labels, buckets)
    _declare(declared)
    return declared


def all_metrics() -> Iterator[Metric]:
    """Every metric that has been declared, by name."""
    return iter(sorted(_all.values(), key=lambda metric: metric.name))


def _declare(metric: Metric) -> Metric:
    if metric.name in _all:
        raise ValueError(f"the metric {metric.name} is declared twice")
    _all[metric.name] = metric
    return metric
