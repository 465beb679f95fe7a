"""What is documented is true: settings, routes, errors, events and commands are what the code has."""

import re
from pathlib import Path

import pytest

from ai_chat.settings import Settings
from scripts.documents import ROOT, documents, renewed

DOCUMENTS = [*documents(), ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_generated_parts_are_fresh(path: Path) -> None:
    assert path.read_text() == renewed(path.read_text()), "stale: run make fix"


def test_the_environment_example_has_every_setting_with_its_default_and_no_other() -> None:
    lines = re.findall(r"^([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    example = dict(lines)
    assert len(example) == len(lines), "a setting stands there twice"
    defaults = {name.upper(): field.get_default() for name, field in Settings.model_fields.items()}
    assert set(example) == set(defaults)
    for name, value in example.items():
        default = defaults[name]
        if name == "DATA_DIR":
            assert Path(value) == default
        else:
            shown = ",".join(str(part) for part in default) if isinstance(default, tuple) else default
            assert value == ("" if shown is None else str(shown)), name


def test_the_environment_example_is_a_valid_env_file() -> None:
    from_example = Settings(_env_file=ROOT / ".env.example")
    without = Settings(_env_file=None)
    assert from_example == without


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_documents_name_exist(path: Path) -> None:
    named = re.findall(
        r"`((?:src|features|relay|http|storage|kernel|web|tests|docs|scripts)/[\w./-]+)`", path.read_text()
    )
    for name in named:
        assert (ROOT / name).exists() or (ROOT / "src/ai_chat" / name).exists(), name


def test_the_readme_starts_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert readme.index("make run") < readme.index("make test")
    assert len(readme.splitlines()) < 120


def test_the_plans_commands_stand_in_the_documents_as_they_are_in_the_contract() -> None:
    api = (ROOT / "docs/api.md").read_text()
    for command in (
        """curl -X POST http://localhost:3001/api/auth/register -H "Content-Type: application/json" -d '{"email":"test@example.com","password":"password123","fullName":"Test User"}'""",
        """curl http://localhost:3001/api/auth/me -H "Authorization: Bearer TOKEN\"""",
        """curl -X POST http://localhost:3001/api/chat -H "Authorization: Bearer TOKEN" -H "Content-Type: application/json" -d '{"title":"Test Chat","model":"openai/gpt-3.5-turbo"}'""",
    ):
        assert command in api
