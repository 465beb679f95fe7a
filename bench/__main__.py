"""`python -m bench`: measures the product beside its peers and prints what came out."""

import argparse
import os
import sys

from bench import page, report
from bench.runner import run_scenario
from bench.scenarios import DEFAULT, FULL
from bench.targets import installed


def main() -> None:
    options = argparse.ArgumentParser(prog="bench", description="What a relayed token costs, beside usual relays.")
    options.add_argument("--quick", action="store_true", help="a fifth of the time: does everything work?")
    options.add_argument("--full", action="store_true", help="all scenarios: scale, bursts, PostgreSQL, Redis (20 min)")
    options.add_argument("--only", metavar="WORD", help="scenarios whose name has this in it")
    options.add_argument("--rounds", type=int, help="how often everything is repeated")
    options.add_argument("--list", action="store_true", help="name the scenarios and end")
    chosen = options.parse_args()
    scenarios = [
        scenario
        for scenario in (FULL if chosen.full or chosen.only or chosen.list else DEFAULT)
        if chosen.only is None or chosen.only in scenario.name
    ]
    with_page = chosen.only is None or chosen.only in page.NAME
    if chosen.list:
        print("\n".join([*(scenario.name for scenario in scenarios), page.NAME]))
        return
    if not scenarios and not with_page:
        options.error(f"no scenario has {chosen.only!r} in its name; see --list")
    measured = report.machine()
    absent = {kind.name for scenario in scenarios for kind in scenario.targets if not installed(kind)}
    print(
        f"{measured['cores']} cores, load {measured['load'][0]}; absolute figures depend on the machine, ratios less."
    )
    if absent:
        print(f"Left out, because not installed: {', '.join(sorted(absent))}.")
    if not measured["instructions"]:
        print("Instructions are not counted here (perf is missing, or the machine is virtual).")
    outcomes = []
    for scenario in scenarios:
        run = scenario.quick() if chosen.quick else scenario
        run = run.repeated(chosen.rounds) if chosen.rounds else run
        results = run_scenario(run, _say)
        _say("")
        print(report.table(run, results), flush=True)
        outcomes.append((run, results))
    if with_page:
        print("\nThe chat page in Chromium")
        page.measure()
    if not outcomes:
        return
    print(f"\nAll figures: {os.path.relpath(report.save(measured, outcomes))}")


def _say(text: str) -> None:
    """Progress, where somebody watches."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
