"""Runs a scenario: every target in turn, round after round, so that a busy moment of the machine meets all of them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.load import Job
from bench.measure import Instructions, Memory, cpu_seconds, forget_peak, memory
from bench.scenarios import Scenario
from bench.targets import ROOT, MockUpstream, Target, installed
from bench.wire import Speed

_WARM_UP = Speed(200, 40)
_SETTLE_SECONDS = 0.7
"""After the last byte: what a server still does for its answers counts as theirs."""


@dataclass
class Sample:
    """One target under one round of load."""

    outcome: dict[str, Any]
    cpu: float
    """Seconds of the server's tree."""
    instructions: int | None
    peak_mb: float
    side_cpu: dict[str, float]
    busy: dict[str, float]
    """Share of a core that load generator and mock used: near 1 they, not the server, were measured."""

    @property
    def tokens(self) -> int:
        return max(int(self.outcome["tokens"]), 1)

    @property
    def us_per_token(self) -> float:
        return self.cpu / self.tokens * 1e6


@dataclass
class Result:
    """One target in one scenario."""

    target: str
    idle: Memory
    samples: list[Sample] = field(default_factory=list)


class LoadGenerator:
    """The process that plays the readers."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, job: Job) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The load generator has died.")
        outcome: dict[str, Any] = json.loads(line)
        return outcome

    def close(self) -> None:
        """It ends with its standard input, ours or the kernel's doing."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def run_scenario(scenario: Scenario, say: Callable[[str], None]) -> list[Result]:
    """Starts what the scenario needs, measures, stops it all. Targets that are not installed are left out."""
    kinds = [kind for kind in scenario.targets if installed(kind)]
    mock = MockUpstream([scenario.speed.model, _WARM_UP.model])
    load = LoadGenerator()
    try:
        mock.start()
        with _running(kinds, mock.port) as targets:
            results = [_warmed(target, load) for target in targets]
            for number in range(scenario.rounds):
                for target, result in zip(targets, results, strict=True):
                    say(f"{scenario.name}: {target.name}, round {number + 1} of {scenario.rounds}")
                    result.samples.append(_measure(scenario, target, load, mock))
            return results
    finally:
        load.close()
        mock.stop()


@contextmanager
def _running(kinds: list[type[Target]], upstream: int) -> Iterator[list[Target]]:
    targets: list[Target] = []
    try:
        for kind in kinds:
            targets.append(kind())
            targets[-1].start(upstream)
        yield targets
    finally:
        for target in targets:
            target.stop()


def _warmed(target: Target, load: LoadGenerator) -> Result:
    """Weighed as it came up, then given a little work, so that nothing is done for the first time later."""
    time.sleep(_SETTLE_SECONDS)
    result = Result(target.name, memory(target.pid))
    requests = target.prepare(_WARM_UP.model, 20)
    load.run(Job(target.port, requests, _WARM_UP.tokens, spread=0.2, timeout=30))
    return result


def _measure(scenario: Scenario, target: Target, load: LoadGenerator, mock: MockUpstream) -> Sample:
    speed = scenario.speed
    job = Job(
        target.port, target.prepare(speed.model, scenario.streams), speed.tokens, scenario.spread, scenario.timeout
    )
    time.sleep(_SETTLE_SECONDS)
    forget_peak(target.pid)
    sides = target.side_pids()
    everybody = {"": target.pid, "load": load.pid, "mock": mock.pid, **sides}
    instructions = Instructions(target.pid)
    before = {name: cpu_seconds(pid) for name, pid in everybody.items()}
    outcome = load.run(job)
    busy_until = {name: cpu_seconds(pid) for name, pid in everybody.items()}
    time.sleep(_SETTLE_SECONDS)
    used = {name: cpu_seconds(pid) - before[name] for name, pid in everybody.items()}
    seconds = max(outcome["seconds"], 0.001)
    return Sample(
        outcome=outcome,
        cpu=used[""],
        instructions=instructions.stop(),
        peak_mb=memory(target.pid).peak,
        side_cpu={name: used[name] for name in sides},
        busy={name: round((busy_until[name] - before[name]) / seconds, 2) for name in ("load", "mock")},
    )
