"""Everything that must hold before a change is handed in, except the tests; `--fix` repairs what can be repaired.

Each check runs even if an earlier one failed. Nothing in the checkout is changed without `--fix`.
"""

from __future__ import annotations

import filecmp
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scripts.folders import ROOT, VENV, WEB
from scripts.interpreters import node_environment

BIN = VENV / "bin"
SCHEMA = WEB / "openapi.json"
CLIENT = WEB / "src" / "client"
TYPED = [folder for folder in ("src/ai_chat", "tests", "scripts", "bench") if (ROOT / folder).exists()]


@dataclass(frozen=True)
class Result:
    name: str
    complaint: str | None
    seconds: float


class Complaint(Exception):
    """What is wrong, as it should be shown."""


def check() -> int:
    environment = node_environment()
    npm = partial(_run, "npm", "run", "--silent", cwd=WEB, environment=environment)
    python: dict[str, Callable[[], object]] = {
        "format": lambda: _run(BIN / "ruff", "format", "--check", "--quiet", "."),
        "lint": lambda: _run(BIN / "ruff", "check", "--quiet", "."),
        "types": lambda: _run(BIN / "mypy", "--explicit-package-bases", *TYPED),
        "import layers": lambda: _run(BIN / "lint-imports"),
        "OpenAPI schema is fresh": _check_schema,
        "documents agree with the code": lambda: _run(
            *(BIN / "python", "-m", "pytest", "-q", "tests/test_docs.py", "tests/test_architecture.py")
        ),
    }
    web: dict[str, Callable[[], object]] = {
        "web client is fresh": lambda: _check_client(environment),
        "web lint": lambda: npm("lint"),
        "web types": lambda: npm("typecheck"),
    }
    with ThreadPoolExecutor(max_workers=2) as threads:
        chains = [threads.submit(_run_chain, chain) for chain in (python, web)]
        results = [result for chain in chains for result in chain.result()]
    failed = [result.name for result in results if result.complaint is not None]
    print(
        f"\n{len(results) - len(failed)} of {len(results)} checks passed"
        + (f"; failed: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


def fix() -> int:
    environment = node_environment()
    steps: dict[str, Callable[[], object]] = {
        "lint": lambda: _run(BIN / "ruff", "check", "--fix", "--quiet", "--exit-zero", "."),
        "format": lambda: _run(BIN / "ruff", "format", "--quiet", "."),
        "OpenAPI schema": lambda: SCHEMA.write_bytes(_make_schema()),
        "documents": lambda: _run(BIN / "python", "-m", "scripts.documents"),
        "web client": lambda: _run("npm", "run", "--silent", "gen:client", cwd=WEB, environment=environment),
        "web format and lint": lambda: _run("npm", "run", "--silent", "fix", cwd=WEB, environment=environment),
    }
    return 1 if any(result.complaint is not None for result in _run_chain(steps)) else 0


def _run_chain(checks: Mapping[str, Callable[[], object]]) -> list[Result]:
    return [_run_one(name, run) for name, run in checks.items()]


def _run_one(name: str, run: Callable[[], object]) -> Result:
    started = time.monotonic()
    complaint: str | None = None
    try:
        run()
    except Complaint as error:
        complaint = str(error)
    result = Result(name, complaint, time.monotonic() - started)
    verdict = "ok    " if complaint is None else "FAILED"
    shown = "" if complaint is None else "\n" + "\n".join(f"         {line}" for line in complaint.splitlines())
    print(f"{verdict} {result.seconds:5.1f} s  {name}{shown}", flush=True)
    return result


def _run(*command: str | Path, cwd: Path = ROOT, environment: Mapping[str, str] | None = None) -> bytes:
    """The command's output; raises what it said if it fails."""
    arguments = [str(part) for part in command]
    try:
        done = subprocess.run(
            arguments, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        raise Complaint(f"{arguments[0]}: {error.strerror}") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise Complaint(said or f"{' '.join(arguments)} ended with code {done.returncode}")
    return done.stdout


def _make_schema() -> bytes:
    return _run(BIN / "ai-chat", "openapi")


def _check_schema() -> None:
    if not SCHEMA.exists() or SCHEMA.read_bytes() != _make_schema():
        raise Complaint("web/openapi.json is not what `ai-chat openapi` says: run `make fix` and commit it.")


def _check_client(environment: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory(dir=WEB, prefix=".client-") as folder:
        made = Path(folder) / "client"
        _run("npm", "run", "--silent", "gen:client", "--", "--output", made, cwd=WEB, environment=environment)
        stale = sorted(_differences(made, CLIENT))
    if stale:
        names = ", ".join(stale[:5])
        raise Complaint(f"web/src/client is not what web/openapi.json makes ({names}): run `make fix` and commit it.")


def _differences(made: Path, kept: Path) -> set[str]:
    def files(folder: Path) -> set[str]:
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    both = files(made) & files(kept)
    changed = {name for name in both if not filecmp.cmp(made / name, kept / name, shallow=False)}
    return changed | (files(made) ^ files(kept))


if __name__ == "__main__":
    sys.exit(fix() if "--fix" in sys.argv else check())
