"""What was measured, as a table for people and as JSON for programs."""

import json
import os
import platform
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import Instructions
from bench.runner import Result, Sample
from bench.scenarios import Scenario

_RESULTS = Path(__file__).parent / "results"


def table(scenario: Scenario, results: list[Result]) -> str:
    """Medians over the rounds; the ratio is the median of each round's ratio, because rounds are not alike."""
    head = (
        f"  {'':<28}{'CPU µs a token':>16}{'k-instr':>9}{'product / it':>14}{'delay ms p50/p99':>18}"
        f"{'1st frame ms p50/p99':>22}{'MB idle→peak':>15}{'whole answers':>15}"
    )
    answers = f"{scenario.streams} answers of {scenario.speed.tokens} tokens, {scenario.rounds} times"
    lines = [f"\n{scenario.name}   ({answers})", head]
    product = results[0]
    for result in results:
        samples = result.samples
        spread = sorted(sample.us_per_token for sample in samples)
        ratio = "" if result is product else f"{median(_ratios(product, result)):.2f}"
        whole, streams = (sum(sample.outcome[name] for sample in samples) for name in ("whole", "streams"))
        lines.append(
            f"  {result.target:<28}{f'{median(spread):.1f} ({spread[0]:.0f}-{spread[-1]:.0f})':>16}"
            f"{_instructions(samples):>9}{ratio:>14}{_pair(samples, 'delay'):>18}{_pair(samples, 'first_frame'):>22}"
            f"{f'{result.idle.rss:.0f}→{max(sample.peak_mb for sample in samples):.0f}':>15}{f'{whole}/{streams}':>15}"
        )
        lines += _notes(samples)
    return "\n".join(lines)


def _ratios(product: Result, peer: Result) -> list[float]:
    return [
        ours.us_per_token / max(theirs.us_per_token, 0.001)
        for ours, theirs in zip(product.samples, peer.samples, strict=True)
    ]


def _instructions(samples: list[Sample]) -> str:
    counted = [sample.instructions / sample.tokens / 1000 for sample in samples if sample.instructions is not None]
    return f"{median(counted):.1f}" if counted else "—"


def _pair(samples: list[Sample], name: str) -> str:
    p50, p99 = (median(sample.outcome[name][part] for sample in samples) for part in ("p50", "p99"))
    return f"{p50:.0f}/{p99:.0f}"


def _notes(samples: list[Sample]) -> list[str]:
    notes = []
    failures: Counter[str] = Counter()
    for sample in samples:
        failures.update(sample.outcome["failures"])
    if failures:
        notes.append("failed: " + ", ".join(f"{count} x {reason}" for reason, count in failures.most_common(5)))
    for name in samples[0].side_cpu:
        cost = median(sample.side_cpu[name] / sample.tokens * 1e6 for sample in samples)
        notes.append(f"{name} beside it: {cost:.1f} µs a token")
    if samples[0].tokens <= samples[0].outcome["streams"]:
        cost = median(sample.cpu / max(sample.outcome["whole"], 1) * 1000 for sample in samples)
        notes.append(f"{cost:.2f} ms CPU a message")
    saturated = {name for sample in samples for name, share in sample.busy.items() if share > 0.85}
    if saturated:
        notes.append(
            f"the bench itself ({' and '.join(sorted(saturated))}) was near a full core: delays are not the server's"
        )
    return [f"      {note}" for note in notes]


def machine() -> dict[str, Any]:
    """Where it was measured. Figures of different machines, or moments, do not compare; ratios within a run do."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.platform(),
        "instructions": Instructions.supported(),
    }


def save(measured: dict[str, Any], outcomes: list[tuple[Scenario, list[Result]]]) -> Path:
    """Everything, round by round."""
    _RESULTS.mkdir(exist_ok=True)
    file = _RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    content = measured | {
        "scenarios": [
            {
                "name": scenario.name,
                "streams": scenario.streams,
                "model": scenario.speed.model,
                "spread": scenario.spread,
                "targets": [asdict(result) for result in results],
            }
            for scenario, results in outcomes
        ]
    }
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file
