"""What Chromium's own trace says of a page: how much of the main thread's time its frames took."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import quantiles
from typing import Any

from playwright.sync_api import Page

_CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline,v8"
_SCRIPT = {
    "EvaluateScript", "EventDispatch", "FireAnimationFrame", "FunctionCall", "MajorGC", "MinorGC", "RunMicrotasks",
    "TimerFire", "v8.compile", "v8.run",
}  # fmt: skip
_RENDERING = {"Commit", "HitTest", "Layerize", "Layout", "Paint", "PrePaint", "UpdateLayoutTree"}
_FRAME = "Commit"
"""Each frame that shows something ends with one."""
Event = dict[str, Any]
Spans = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of the main thread's CPU for each frame. CPU, because other programs on the machine are no fault of ours."""

    p50: float
    p95: float
    most: float

    def __str__(self) -> str:
        return f"{self.p50:.1f} / {self.p95:.1f} / {self.most:.0f}"


@dataclass
class Frames:
    """What a stretch of time on a page has cost; filled when it is over."""

    count: int = 0
    scripting: Spread = field(default_factory=lambda: Spread(0, 0, 0))
    rendering: Spread = field(default_factory=lambda: Spread(0, 0, 0))


@contextmanager
def traced(page: Page) -> Iterator[Frames]:
    """Frames of what happens inside of the block."""
    frames, events, over = Frames(), list[Event](), list[bool]()
    session = page.context.new_cdp_session(page)
    session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    session.on("Tracing.tracingComplete", lambda _: over.append(True))
    session.send("Tracing.start", {"categories": _CATEGORIES, "transferMode": "ReportEvents"})
    yield frames
    session.send("Tracing.end")
    while not over:
        page.wait_for_timeout(50)
    session.detach()
    own = _of_the_page(events)
    script, rendering = _together(own, _SCRIPT), _together(own, _RENDERING)
    ends = sorted(event["tts"] for event in own if event["name"] == _FRAME)
    frames.count = len(ends)
    frames.scripting, frames.rendering = _spread(script, ends), _spread(rendering, ends)


def _of_the_page(events: Iterable[Event]) -> list[Event]:
    """The events of the main thread that had most to do, with the thread's own time."""
    events = list(events)
    main = {
        (event["pid"], event["tid"]): list[Event]()
        for event in events
        if event.get("name") == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }
    for event in events:
        found = main.get((event["pid"], event["tid"]))
        if found is not None and event.get("ph") == "X" and "tts" in event:
            found.append(event)
    return max(main.values(), key=len)


def _together(events: Iterable[Event], names: set[str]) -> Spans:
    """When any of these was going on; one inside of another counts once."""
    spans: list[tuple[float, float]] = []
    for event in sorted(events, key=lambda one: float(one["tts"])):
        if event["name"] not in names:
            continue
        begin, end = event["tts"], event["tts"] + event.get("tdur", 0)
        if spans and begin <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], end)
        else:
            spans.append((begin, end))
    return spans


def _spread(spans: Spans, ends: Sequence[float]) -> Spread:
    costs, place = [], 0
    for begin, end in pairwise(ends):
        while place < len(spans) and spans[place][1] <= begin:
            place += 1
        inside = (span for span in spans[place:] if span[0] < end)
        costs.append(sum(min(to, end) - max(since, begin) for since, to in inside) / 1000)
    if len(costs) < 2:
        return Spread(0, 0, max(costs, default=0))
    parts = quantiles(costs, n=20, method="inclusive")
    return Spread(parts[9], parts[18], max(costs))
