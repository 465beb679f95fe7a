"""Run every test and end with one line that counts them all.

Tests that start a browser or the embedded model run after the others: on two cores they would measure each other's patience
instead of the product. The embedded model takes both cores, so what asks it runs alone; other journeys in a browser, each a
page, a server and a person who waits for both, run two at a time. The browser's driver keeps an event loop for itself, so what
needs one has runs of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from scripts.folders import CACHE, ROOT, WEB
from scripts.interpreters import node_environment

RESULTS = CACHE / "test-results"
ALONE = "local_model or e2e"
WORKERS = "3"
"""One more than the cores that are counted on: many stories wait for processes that start, stop and notice."""


def main(arguments: list[str]) -> int:
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    started = time.monotonic()
    if "--soak" in arguments:
        os.environ["SOAK"] = "1"  # tests/conftest.py gives the random tests more time and examples
        runs = {"soak": _pytest("soak", "-m", f"not ({ALONE})", "--timeout", "3600", "-n", WORKERS)}
    else:
        runs = {
            "web": [
                "npm",
                "run",
                "test",
                "--",
                "--reporter=default",
                "--reporter=junit",
                f"--outputFile.junit={_result('web')}",
            ],
            "Python": _pytest("Python", "-m", f"not ({ALONE})", "-n", WORKERS, "--dist", "worksteal"),
            "model": _pytest("model", "-m", "local_model and not e2e", "tests/local_model"),
            "first journey": _pytest("first journey", "-m", "e2e and local_model", "tests/e2e"),
            "browser": _pytest(
                "browser", "-m", "e2e and not local_model", "-n", "2", "--dist", "loadfile", "tests/e2e"
            ),
        }
    environment = node_environment()
    failed, total, parts = False, Counter[str](), []
    for name, command in runs.items():
        print(f"\n== {name} tests ==", flush=True)
        folder = WEB if command[0] == "npm" else ROOT
        code = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
        counts = _count(_result(name))
        failed |= code != 0
        total += counts
        parts.append(f"{name} {counts['passed'] + counts['failed']}")
        if code != 0 and not counts["failed"]:
            print(f"The {name} tests ended with code {code} although none of them failed: see above.", flush=True)
            parts[-1] += " (broken)"
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    counted = f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped"
    print(f"\n{counted} ({', '.join(parts)}) in {minutes} min {seconds} s", flush=True)
    return 1 if failed else 0


def _pytest(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", f"--junitxml={_result(name)}", *arguments]


def _result(name: str) -> Path:
    return RESULTS / f"{name.replace(' ', '-').lower()}.xml"


def _count(result: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    if result.exists():
        for case in ET.parse(result).iter("testcase"):  # noqa: S314 - our own report
            outcome = {child.tag for child in case}
            counts["failed" if outcome & {"failure", "error"} else "skipped" if "skipped" in outcome else "passed"] += 1
    return counts


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
