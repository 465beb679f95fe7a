"""Writes the parts of the documents that the code already knows: settings, routes, errors, events, commands.

    python -m scripts.documents           # writes them
    python -m scripts.documents --check   # says which are stale

Each part stands between `<!-- generated: name -->` and `<!-- end -->`; what is around it is written by hand.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

import ai_chat
from ai_chat.app import build_api
from ai_chat.cli import app as command_line
from ai_chat.features.usage.plans import DEFAULT_PLANS
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.metrics import all_metrics
from ai_chat.settings import Settings

ROOT = Path(__file__).parent.parent
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def settings_table() -> str:
    """Every setting: name, default, meaning."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        default = ",".join(str(part) for part in default) if isinstance(default, tuple) else default
        shown = "" if default in (None, "") else f"`{default}`"
        rows.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


def plans_table() -> str:
    """The default plans."""
    rows = ["| | free | premium |", "|---|---|---|"]
    free, premium = DEFAULT_PLANS["free"], DEFAULT_PLANS["premium"]
    rows += [
        f"| `{name}` | {getattr(free, name)} | {getattr(premium, name)} |" for name in free.__slots__ if name != "id"
    ]
    return "\n".join(rows)


def routes_table() -> str:
    """Every call of the API with its errors."""
    rows = ["| call | does | errors |", "|---|---|---|"]
    schema = build_api(Settings(_env_file=None)).openapi()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            summary = " ".join(str(operation.get("description", "")).split("\n\n")[0].split())
            codes = [
                code
                for status, answer in operation["responses"].items()
                if status not in {"200", "204"}
                for code in answer["description"].split()
            ]
            shown = ", ".join(f"`{code}`" for code in codes)
            rows.append(f"| `{method.upper()} {path}` | {summary} | {shown} |")
    return "\n".join(rows)


def errors_table() -> str:
    """Every error code."""
    rows = ["| code | status | sentence |", "|---|---|---|"]
    for code in ErrorCode:
        where = (
            "in the stream" if code.value.startswith("UPSTREAM_") or code is ErrorCode.INTERRUPTED else str(code.status)
        )
        rows.append(f"| `{code.value}` | {where} | {code.sentence} |")
    return "\n".join(rows)


def events_table(union: str = "StreamEvent") -> str:
    """Every event of a stream with its fields."""
    schemas: dict[str, Any] = build_api(Settings(_env_file=None)).openapi()["components"]["schemas"]
    rows = ["| `type` | fields | meaning |", "|---|---|---|"]
    for reference in schemas[union]["anyOf"]:
        event = schemas[reference["$ref"].rpartition("/")[2]]
        kind = event["properties"]["type"]["enum"][0]
        fields = ", ".join(f"`{name}`" for name in event["properties"] if name != "type")
        rows.append(f"| `{kind}` | {fields} | {' '.join(event['description'].split())} |")
    return "\n".join(rows)


def commands_table() -> str:
    """Every command of the command line."""
    rows = ["| command | does |", "|---|---|"]

    def walk(command: Any, name: str) -> None:
        if isinstance(command, typer.core.TyperGroup):
            for part in sorted(command.commands):
                walk(command.commands[part], f"{name} {part}")
        else:
            rows.append(f"| `{name}` | {' '.join((command.help or '').split())} |")

    walk(get_command(command_line), "ai-chat")
    return "\n".join(rows)


def metrics_table() -> str:
    """Every metric of the product with its labels; tests declare some of their own."""
    for module in pkgutil.walk_packages(ai_chat.__path__, "ai_chat."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    rows = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    for metric in all_metrics():
        if not metric.name.startswith("ai_chat_"):
            continue
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |")
    return "\n".join(rows)


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "plans": plans_table,
    "routes": routes_table,
    "errors": errors_table,
    "events": events_table,
    "live_events": partial(events_table, "LiveEvent"),
    "commands": commands_table,
    "metrics": metrics_table,
}


def renewed(text: str) -> str:
    """`text` with every generated part as the code has it now."""
    return _PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}\n{part[3]}", text)


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def main() -> None:
    """Writes, or with `--check` only looks."""
    stale = [path for path in documents() if renewed(path.read_text()) != path.read_text()]
    for path in stale:
        if "--check" in sys.argv:
            print(f"{path.relative_to(ROOT)} is stale: run make fix")
        else:
            path.write_text(renewed(path.read_text()))
            print(f"wrote {path.relative_to(ROOT)}")
    raise SystemExit(1 if stale and "--check" in sys.argv else 0)


if __name__ == "__main__":
    main()
