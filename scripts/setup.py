"""Set up this checkout: locked Python packages, web packages, the web app, the tests' browser.

    python3 -m scripts.setup run [ARGUMENT…]     everything the product needs, then become `ai-chat serve`
    python3 -m scripts.setup product             the same without serving
    python3 -m scripts.setup dev | check | test  everything that command of the Makefile needs

Each step leaves a stamp (a hash of what it was made from) inside what it made, written last: a step whose stamp still fits is
skipped, and an interrupted one is done again. Steps that do not need each other run at the same time. Set-ups of one checkout
wait for each other. What a step prints goes to .cache/setup/, and a failure is explained in one sentence.

Only the standard library is used, and in what this imports only what Python 3.8 has, so that an old Python can say so.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Callable, Iterable, Iterator, NoReturn, Sequence  # noqa: UP035 - Python 3.8 has no other place

from scripts.folders import (
    CHROMIUM,
    LOGS,
    PACKED_CHROMIUM,
    REQUIREMENTS,
    REQUIREMENTS_DEV,
    ROOT,
    VENV,
    WEB,
    WEB_DIST,
    short,
    unlink,
    write,
)
from scripts.interpreters import find_python, find_uv, node_environment, python_at, uv_environment
from scripts.running import Logged, SetupError, children, explain_os_error, say

try:
    import fcntl
except ImportError:  # Windows
    sys.exit("This needs Linux or macOS; on Windows use WSL.")

STAMP = VENV / ".setup-stamp"
STAMP_DEV = VENV / ".setup-stamp-dev"
VENV_ROOT = VENV / ".setup-root"


class Step:
    """Something to make. `stamp` holds the hash of what `output` was made from; both must be there for it to be done."""

    def __init__(
        self, name: str, output: Path, stamp: Path, inputs: Callable[[], str], make: Callable[[Logged], None]
    ) -> None:
        self.name = name
        self.output = output
        self.stamp = stamp
        self.log = Logged(name, LOGS / (name.replace(" ", "-") + ".log"))
        self._inputs = inputs
        self._make = make

    def is_done(self) -> bool:
        try:
            return self.output.exists() and self.stamp.read_text() == self._inputs()
        except OSError:
            return False

    def do(self) -> None:
        started = time.monotonic()
        unlink(self.log.path)
        unlink(self.stamp)
        inputs = self._inputs()
        self._make(self.log)
        if not self.output.exists():
            raise SetupError(f"Making the {self.name} left no {short(self.output)}: see {short(self.log.path)}.")
        write(self.stamp, inputs)
        say(f"  [{time.monotonic() - started:5.1f} s] {self.name}")


def steps_for(target: str) -> list[list[Step]]:
    """Chains of steps: the chains run at the same time, the steps of a chain one after the other."""
    interpreter = VENV / "bin" / "python"
    python_packages = Step("Python packages", interpreter, STAMP, _hash_python, _make_python_packages)
    python_and_tools = Step(
        "Python packages and tools",
        interpreter,
        STAMP_DEV,
        lambda: _hash_python(REQUIREMENTS_DEV),
        _make_python_and_tools,
    )
    web_packages = Step(
        "web packages",
        WEB / "node_modules",
        WEB / "node_modules" / ".setup-stamp",
        lambda: _hash_files([WEB / "package-lock.json"]),
        _make_web_packages,
    )
    web_app = Step(
        "web app",
        WEB_DIST / "index.html",
        LOGS / "web-app.stamp",
        lambda: _hash_files(sorted(_web_sources())),
        _make_web_app,
    )
    browser = Step("browser for the tests", CHROMIUM, CHROMIUM.parent / ".setup-stamp", _hash_browser, _make_browser)
    # Elsewhere, and with CHROMIUM set, tests/services/chromium.py finds a browser or says what to do.
    browsers = (
        [browser]
        if sys.platform == "linux" and os.uname().machine == "x86_64" and not os.environ.get("CHROMIUM")
        else []
    )
    return {
        "product": [[python_packages], [web_packages, web_app]],
        "dev": [[python_and_tools], [web_packages]],
        "check": [[python_and_tools], [web_packages]],
        "test": [[python_and_tools], [web_packages, web_app, *browsers]],
    }[target]


def _make_python_packages(log: Logged) -> None:
    # Whoever has the tools too keeps them: `make run` between two `make test` must not cost anything.
    has_tools = (VENV / "bin" / "pytest").exists()
    _install_python_packages(log, [REQUIREMENTS, REQUIREMENTS_DEV] if has_tools else [REQUIREMENTS])


def _make_python_and_tools(log: Logged) -> None:
    _install_python_packages(log, [REQUIREMENTS, REQUIREMENTS_DEV])
    write(STAMP, _hash_python())


def _install_python_packages(log: Logged, locks: Sequence[Path]) -> None:
    unlink(STAMP)
    unlink(STAMP_DEV)
    python = find_python()
    uv = find_uv(log, python)
    env = uv_environment()
    if not _venv_is_usable():
        log.run([uv, "venv", "--clear", "--no-project", "--python", python, VENV], env=env)
        write(VENV_ROOT, str(ROOT))
    inside = ["--python", str(VENV / "bin" / "python")]
    # Compiled here, beside npm's downloads, so that neither the first start pays for it nor, where Python must not write
    # bytecode, every start.
    log.run([uv, "pip", "sync", *inside, "--require-hashes", "--compile-bytecode", *locks], env=env)
    log.run([uv, "pip", "install", *inside, "--no-deps", "--editable", ROOT], env=env)
    with contextlib.suppress(SetupError):  # a developer's half-written file is not the set-up's business
        log.run([VENV / "bin" / "python", "-m", "compileall", "-q", ROOT / "src" / "ai_chat"])


def _make_web_packages(log: Logged) -> None:
    log.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WEB, env=node_environment(log))


def _make_web_app(log: Logged) -> None:
    log.run(["npm", "run", "build"], cwd=WEB, env=node_environment(log))


def _make_browser(log: Logged) -> None:
    CHROMIUM.parent.mkdir(parents=True, exist_ok=True)
    script = """
        const fs = require('node:fs'), zlib = require('node:zlib'), { pipeline } = require('node:stream/promises')
        const [from, to] = process.argv.slice(1), part = `${to}.${process.pid}.part`
        pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(part, { mode: 0o755 }))
          .then(() => fs.renameSync(part, to))
          .catch((error) => { fs.rmSync(part, { force: true }); console.error(error); process.exit(1) })
    """
    log.run(["node", "-e", script, PACKED_CHROMIUM, CHROMIUM], env=node_environment(log))


def _venv_is_usable() -> bool:
    """Whether .venv was made here (it does not survive a move) and its interpreter still exists and is new enough."""
    try:
        moved = VENV_ROOT.read_text() != str(ROOT)
    except OSError:
        moved = False
    return not moved and python_at(str(VENV / "bin" / "python")) is not None


def _hash_files(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _hash_python(*more: Path) -> str:
    """Of the locks and of this folder's path, which is written into many files of .venv."""
    return _hash_files([REQUIREMENTS, ROOT / "pyproject.toml", *more]) + f" {ROOT}"


def _web_sources() -> Iterator[Path]:
    for directory, folders, files in os.walk(WEB):
        folders[:] = [name for name in folders if name not in {"node_modules", "dist", "coverage", "test-results"}]
        for name in files:
            if not name.startswith(".") and ".test." not in name:
                yield Path(directory) / name


def _hash_browser() -> str:
    return f"{_hash_files([PACKED_CHROMIUM.parent.parent / 'package.json'])} {PACKED_CHROMIUM.stat().st_size}"


def _require_writable() -> None:
    """Say it before anything is downloaded. Only a real attempt knows about read-only mounts and about root."""
    LOGS.mkdir(parents=True, exist_ok=True)
    for folder in (ROOT, ROOT / "src" / "ai_chat", WEB):
        probe = folder / f".setup-probe-{os.getpid()}"
        probe.touch()
        probe.unlink()


def _require(path: Path) -> None:
    if not path.exists():
        raise SetupError(
            f"{short(path)} is missing: this is not a whole clone, or a file was deleted (see `git status`)."
        )


def set_up(target: str) -> None:
    """Do what is not done yet; say nothing when all is."""
    chains = steps_for(target)
    if not _todo(chains):
        return
    for path in (REQUIREMENTS, REQUIREMENTS_DEV, WEB / "package-lock.json"):
        _require(path)
    find_python()
    _require_writable()
    started = time.monotonic()
    with _only_one():
        chains = _todo(chains)  # whoever was first may have done it
        if not chains:
            return
        names = ", ".join(step.name for chain in chains for step in chain)
        say(f"Setting up: {names} (what is done stays done; details in {short(LOGS)}/)")
        _run_chains(chains)
    say(f"Set up in {time.monotonic() - started:.1f} s.")


def _todo(chains: Iterable[Sequence[Step]]) -> list[list[Step]]:
    """What is not done, and in each chain all that follows it."""
    todo = []
    for chain in chains:
        for position, step in enumerate(chain):
            if not step.is_done():
                todo.append(list(chain[position:]))
                break
    return todo


def _run_chains(chains: Sequence[Sequence[Step]]) -> None:
    failures: list[BaseException] = []

    def run(chain: Sequence[Step]) -> None:
        try:
            for step in chain:
                if not step.is_done():
                    step.do()
        except BaseException as failure:  # noqa: BLE001 - raised again below, in the main thread
            failures.append(failure)
            children.stop()

    threads = [threading.Thread(target=run, args=(chain,), daemon=True) for chain in chains]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # short, so that signals are noticed
    except BaseException:
        children.stop()
        raise
    if failures:
        raise failures[0]


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    with (LOGS / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is running in this folder: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # The children hold it too: after `kill -9` of this script the next one waits for the npm that goes on alone.
        children.keep_open = (lock.fileno(),)
        try:
            yield
        finally:
            children.keep_open = ()


def serve(arguments: Sequence[str]) -> NoReturn:
    """Become the server, so that signals reach it directly."""
    command = VENV / "bin" / "ai-chat"
    if os.environ.get("MAKELEVEL"):
        _die_with_parent()
    os.execv(str(command), [str(command), "serve", *arguments])  # noqa: S606 - no shell is the point


def _die_with_parent() -> None:
    """After `kill -9` of make nobody would be left to stop the server (Linux only; elsewhere it stays)."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(Exception):
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGTERM), 0, 0, 0)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    target = arguments[0] if arguments else "test"
    if target not in {"run", "product", "dev", "check", "test"}:
        say((__doc__ or "").strip())
        return 0 if target in {"-h", "--help", "help"} else 2
    signal.signal(signal.SIGTERM, _terminate)
    try:
        set_up("product" if target == "run" else target)
        if target == "run":
            serve(arguments[1:])
    except SetupError as error:
        say(f"\n{error}")
        return 1
    except OSError as error:
        say(f"\n{explain_os_error(error)}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped; the next run goes on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
