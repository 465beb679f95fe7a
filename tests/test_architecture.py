"""The shape of the house: imports go down, files are short, names say something, ports are small."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import ai_chat

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
SOURCE = ROOT / "src" / "ai_chat"
FILES = sorted(SOURCE.rglob("*.py"))
MOST_LINES = 500
MOST_METHODS = 6
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "base", "misc", "core"}
LATE_IMPORTS_ALLOWED = {
    "cli.py": "a command loads only what it needs: the whole product takes seconds",
    "assembly/signals.py": "Redis' client weighs 18 MB and is loaded only where a REDIS_URL is set",
    "storage/migrate.py": "Alembic is loaded only when there is something to migrate",
}


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(ai_chat.__path__, "ai_chat."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def ports() -> list[type]:
    found = {
        thing
        for module in modules()
        for _, thing in inspect.getmembers(module, inspect.isclass)
        if thing.__module__ == module.__name__ and getattr(thing, "_is_protocol", False)
    }
    return sorted(found, key=lambda port: port.__qualname__)


def test_imports_go_down_the_tiers() -> None:
    """In a process of its own: the linter keeps global state, and its graph would hold the tests' memory."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True, no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "a module needs a docstring"


def test_no_name_is_a_drawer_for_everything() -> None:
    names = {name_of(path): {path.stem, *path.relative_to(SOURCE).parent.parts} for path in FILES}
    assert {path: found for path, parts in names.items() if (found := parts & FORBIDDEN_NAMES)} == {}


def test_no_port_is_wide() -> None:
    wide = {}
    for port in ports():
        methods = [name for name, _ in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")]
        methods += [name for name, _ in inspect.getmembers(port, lambda thing: isinstance(thing, property))]
        if len(methods) > MOST_METHODS:
            wide[port.__qualname__] = methods
    assert wide == {}


def test_there_are_ports_at_all() -> None:
    names = {port.__name__ for port in ports()}
    assert names >= {"Upstream", "AnswerSink", "GenerationStore", "ModelSource", "RateLimiter", "SignInThrottle"}


def late_imports(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        ast.unparse(node)
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path) not in LATE_IMPORTS_ALLOWED], ids=name_of)
def test_imports_stand_at_the_top(path: Path) -> None:
    assert late_imports(path) == []


def test_nothing_but_storage_and_signals_asks_which_database_or_redis_is_in_use() -> None:
    """Elsewhere both are behind a port. The composition root is the exception."""
    allowed = {"app.py", "assembly/signals.py", "assembly/selling.py", "settings.py", "server.py"}
    asking = {
        name_of(path)
        for path in FILES
        if not name_of(path).startswith(("storage/", "signals/"))
        and any(
            word in path.read_text(encoding="utf-8")
            for word in ("dialect.name", 'name == "sqlite"', "RedisRateLimiter", "import redis")
        )
    }
    assert asking <= allowed


def test_no_test_file_of_ours_is_long() -> None:
    long = {
        path.name: lines
        for folder in ("unit", "contracts", "stories")
        for path in (TESTS / folder).glob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}


def test_what_runs_alone_stands_where_it_is_looked_for() -> None:
    """scripts/test.py asks these folders alone, so that nothing else is collected for them."""
    marks = re.compile(r"mark\.(e2e|local_model)\b")
    folders = {
        path.relative_to(TESTS).parts[0] for path in TESTS.rglob("*.py") if marks.search(path.read_text("utf-8"))
    }
    assert folders == {"e2e", "local_model"}
