"""Metrics as Prometheus reads them, of this process and of the other workers beside it.

A scrape reaches any one of several workers. Each therefore leaves its numbers in a small file every few seconds, and
whoever is asked answers for all of them, each with its own label `worker`: counters stay monotonic, whoever answers.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ai_chat.kernel.metrics import all_metrics

SHARE_SECONDS = 5.0
_STALE_SECONDS = 30.0


class _Series(msgspec.Struct, array_like=True, frozen=True):
    metric: str
    name: str
    labels: tuple[tuple[str, str], ...]
    number: float


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[_Series]).decode


def render(worker: str | None = None, others: Iterable[tuple[str, list[_Series]]] = ()) -> str:
    """The text of all metrics. With `worker`, every line names the worker it is of."""
    by_metric: dict[str, list[str]] = {}
    for name, series in [(worker, _own()), *others]:
        for one in series:
            labels = one.labels if name is None else (*one.labels, ("worker", name))
            by_metric.setdefault(one.metric, []).append(_line(one.name, labels, one.number))
    lines = []
    for metric in all_metrics():
        lines += [f"# HELP {metric.name} {metric.meaning}", f"# TYPE {metric.name} {metric.kind}"]
        lines += by_metric.get(metric.name, [])
    return "\n".join(lines) + "\n"


class SharedNumbers:
    """The numbers of several workers on one machine, in a folder that they share."""

    def __init__(self, folder: Path, worker: str) -> None:
        self._folder = folder
        self._worker = worker

    def share(self) -> None:
        """Leaves this worker's numbers for the others. A file replaces the one before it: nobody reads half of one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch = self._folder / f"{self._worker}.new"
        scratch.write_bytes(_encode(list(_own())))
        scratch.replace(self._mine)

    def render(self) -> str:
        """The numbers of this worker as they are, the others' as they were a few seconds ago; the dead ones' not at all."""
        others = []
        for path in sorted(self._folder.glob("*.json")):
            if path == self._mine:
                continue
            try:
                if time.time() - path.stat().st_mtime < _STALE_SECONDS:
                    others.append((path.stem, _decode(path.read_bytes())))
                else:
                    path.unlink()
            except (OSError, msgspec.DecodeError):
                continue  # its worker has gone this moment
        return render(self._worker, others)

    def forget(self) -> None:
        self._mine.unlink(missing_ok=True)

    @property
    def _mine(self) -> Path:
        return self._folder / f"{self._worker}.json"


def _own() -> list[_Series]:
    return [_Series(metric.name, *line) for metric in all_metrics() for line in metric.series()]


def _line(name: str, labels: Iterable[tuple[str, str]], number: float) -> str:
    inside = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels)
    return f"{name}{{{inside}}} {number:.12g}" if inside else f"{name} {number:.12g}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def process_id() -> str:
    """A label that no other living worker of this machine has."""
    return str(os.getpid())
