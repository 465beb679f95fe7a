"""Metrics as Prometheus reads them, of one worker and of several."""

import os
from pathlib import Path

from ai_chat.kernel.exposition import SharedNumbers, render
from ai_chat.kernel.metrics import counter, histogram

REQUESTS = counter("test_exposition_requests_total", "Requests.", "path")
SECONDS = histogram("test_exposition_seconds", "Seconds.", "kind", buckets=(1, 0.1))


def lines(text: str, name: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith((name, f"# HELP {name} ", f"# TYPE {name} "))]


def test_a_counter_is_rendered_with_its_meaning_and_escaped_labels() -> None:
    REQUESTS.add(2, 'a"b\\c\nd')
    assert lines(render(), "test_exposition_requests_total") == [
        "# HELP test_exposition_requests_total Requests.",
        "# TYPE test_exposition_requests_total counter",
        'test_exposition_requests_total{path="a\\"b\\\\c\\nd"} 2',
    ]


def test_a_histogram_counts_up_to_each_bound() -> None:
    for seconds in (0.05, 0.1, 0.5, 7):
        SECONDS.observe(seconds, "x")
    assert SECONDS.value("x") == 4
    assert lines(render(), "test_exposition_seconds")[2:] == [
        'test_exposition_seconds_bucket{kind="x",le="0.1"} 2',
        'test_exposition_seconds_bucket{kind="x",le="1"} 3',
        'test_exposition_seconds_bucket{kind="x",le="+Inf"} 4',
        'test_exposition_seconds_sum{kind="x"} 7.65',
        'test_exposition_seconds_count{kind="x"} 4',
    ]


def test_each_worker_answers_for_all_that_live(tmp_path: Path) -> None:
    REQUESTS.add(1, "/shared")
    one, other, dead = (SharedNumbers(tmp_path / "metrics", name) for name in ("1", "2", "3"))
    for worker in (one, other, dead):
        worker.share()
    os.utime(tmp_path / "metrics" / "3.json", (0, 0))
    (tmp_path / "metrics" / "4.json").write_bytes(b"half of a")
    text = one.render()
    expected = ['test_exposition_requests_total{path="/shared",worker="%s"} 1' % worker for worker in "12"]  # noqa: UP031
    assert [line for line in text.splitlines() if "/shared" in line] == expected
    assert text.count("# TYPE test_exposition_requests_total") == 1
    other.forget()
    assert 'worker="2"' not in one.render()
