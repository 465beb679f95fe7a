"""The set-up script: what it skips, what it does again, and the one sentence it says when something is wrong."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import interpreters, setup
from scripts.folders import REQUIREMENTS, REQUIREMENTS_DEV, ROOT
from scripts.running import Logged, SetupError


class Kitchen:
    """A step that makes a file from another one, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.source, self.output = folder / "source", folder / "output"
        self.source.write_text("flour")
        self.made = 0
        self.burn = False
        self.step = setup.Step("bread", self.output, folder / "stamp", self.source.read_text, self.make)
        self.step.log = Logged("bread", folder / "bread.log")

    def make(self, log: Logged) -> None:
        self.made += 1
        self.output.write_text("half")
        if self.burn:
            raise KeyboardInterrupt
        self.output.write_text("whole")


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen(tmp_path)


def test_a_step_is_done_until_its_source_changes(kitchen: Kitchen) -> None:
    assert not kitchen.step.is_done()
    kitchen.step.do()
    assert kitchen.step.is_done()

    kitchen.source.write_text("rye")
    assert not kitchen.step.is_done()


def test_a_step_whose_output_was_deleted_is_not_done(kitchen: Kitchen) -> None:
    kitchen.step.do()

    kitchen.output.unlink()

    assert not kitchen.step.is_done()


def test_an_interrupted_step_is_not_done_even_if_it_was_before(kitchen: Kitchen) -> None:
    kitchen.step.do()
    kitchen.burn = True

    with pytest.raises(KeyboardInterrupt):
        kitchen.step.do()

    assert not kitchen.step.is_done()


def test_what_follows_a_step_is_looked_at_again(kitchen: Kitchen, tmp_path: Path) -> None:
    after = setup.Step("toast", tmp_path / "output", tmp_path / "toast.stamp", lambda: "", lambda _: None)

    assert setup._todo([[kitchen.step, after], [kitchen.step]]) == [[kitchen.step, after], [kitchen.step]]
    kitchen.step.do()
    assert setup._todo([[kitchen.step, after], [kitchen.step]]) == [[after]]


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("cause: dns error\n  failed to lookup address information", "registry cannot be reached"),
        ("npm error request to … failed, reason: getaddrinfo EAI_AGAIN", "registry cannot be reached"),
        ("Retrying … Failed to establish a new connection: [Errno 101] Network is unreachable", "cannot be reached"),
        ("invalid peer certificate: UnknownIssuer", "certificate is not trusted"),
        ("npm error code ENOSPC", "disk is full"),
        ("error: No space left on device (os error 28)", "disk is full"),
        ("npm error code EUSAGE", "does not fit web/package.json"),
        ("error: Hash mismatch for `x`", "not the one that was locked"),
        ("npm error Error: EACCES: permission denied, mkdir '/x'", "may not be written: EACCES: permission denied"),
        ("src/main.ts: oops\n    at x (node.js:1)", "Making the bread failed with code 3"),
    ],
)
def test_a_failed_command_is_explained(kitchen: Kitchen, tmp_path: Path, output: str, sentence: str) -> None:
    program = tmp_path / "fails.py"
    program.write_text(f"print({output!r}); raise SystemExit(3)")

    with pytest.raises(SetupError, match=re.escape(sentence)) as failure:
        kitchen.step.log.run([sys.executable, program])

    assert "node.js:1" not in str(failure.value), "stack traces are for the log"
    assert output.splitlines()[0] in kitchen.step.log.path.read_text()


def test_too_old_a_python_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SetupError, match=r"needs Python 3\.11 or newer, and only 3\.8\.18 is on PATH"):
        interpreters.find_python()


def test_a_newer_python_on_the_path_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "python3.12").write_text("#!/bin/sh\nexit 127  # like a version manager's shim for what is not there\n")
    (tmp_path / "python3.11").write_text("#!/bin/sh\necho '3|11|/opt/python3.11'\n")
    for name in ("python3.12", "python3.11"):
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setenv("PATH", str(tmp_path))

    assert interpreters.find_python() == "/opt/python3.11"


@pytest.mark.parametrize(
    ("version", "usable"),
    [
        ("v18.20.0", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v24.1.0", True),
    ],
)
def test_the_systems_node_is_used_if_vite_runs_on_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, usable: bool
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert interpreters._system_node_is_usable() is usable


@pytest.mark.parametrize("module", ["setup", "running", "interpreters", "folders"])
def test_the_scripts_can_be_read_by_python_3_8(module: str) -> None:
    ast.parse((ROOT / "scripts" / f"{module}.py").read_text(), feature_version=(3, 8))


LOCKS = [REQUIREMENTS, REQUIREMENTS_DEV, *sorted((ROOT / "scripts").glob("bootstrap-*.lock"))]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_name_no_address_and_hash_everything(lock: Path) -> None:
    text = lock.read_text()

    assert "://" not in text
    for requirement in text.replace("\\\n", " ").splitlines():
        assert requirement.startswith("#") or "--hash=sha256:" in requirement, requirement


def test_the_two_locks_agree() -> None:
    def versions(lock: Path) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, version in re.findall(r"^([\w.-]+)(?:\[.*?\])?==(\S+)", lock.read_text(), re.MULTILINE):
            found.setdefault(name, set()).add(version)
        return found

    product, tools = versions(REQUIREMENTS), versions(REQUIREMENTS_DEV)

    assert {
        name: (product[name], tools[name]) for name in product.keys() & tools.keys() if product[name] != tools[name]
    } == {}


def test_the_versions_of_uv_and_node_are_the_locked_ones() -> None:
    uv, node = (ROOT / "scripts" / f"bootstrap-{tool}.lock" for tool in ("uv", "node"))

    assert f"uv=={interpreters.UV_VERSION} " in uv.read_text()
    assert f"=={interpreters.NODE_VERSION} " in node.read_text()


def test_the_makefile_has_every_promised_command() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert {line.split()[1] for line in listed.splitlines()} >= {
        "run",
        "test",
        "dev",
        "check",
        "fix",
        "bench",
        "soak",
        "lock",
    }
