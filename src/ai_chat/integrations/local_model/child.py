"""The process the embedded model runs in: the llama.cpp server on a port of its own choice, for its parent only.

Run as `python -m ai_chat.integrations.local_model.child`. It is a process of its own so that a crash of native code, a
hang or an out-of-memory kill costs one answer and not the server.

The conversation with the parent: one line of JSON comes in on stdin (`ChildConfig`; not arguments, because the API key
would show in `ps`), one line goes out on stdout when requests are welcome, `{"port": 40123}`. Then stdin stays open for
as long as the parent wants the child to live. Its end is the one signal of a parent's death that works everywhere,
`kill -9` included, and it is also how the parent stops the child.
"""

import importlib
import json
import os
import signal
import sys
import threading
from dataclasses import asdict, dataclass
from typing import NoReturn, Self
from urllib.parse import urlsplit

STDIN, STDOUT, STDERR = 0, 1, 2


@dataclass(frozen=True, slots=True)
class ChildConfig:
    """Everything the child is told."""

    weights: str
    model_id: str
    api_key: str
    pool_tokens: int
    context_tokens: int
    answer_tokens: int
    slots: int
    threads: int

    def to_line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        return cls(**json.loads(line))


def exit_with_parent() -> NoReturn:
    """Wait for the end of stdin and leave without ceremony: the child has nothing to save, and native code that hangs
    must not be asked to agree.
    """
    try:
        while os.read(STDIN, 4096):
            pass
    finally:  # also when the pipe breaks in another way: a parent that cannot be heard is gone
        os._exit(0)


def take_stdout() -> int:
    """Keep stdout for the one line to the parent; whatever a native library prints there goes to stderr instead."""
    kept = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    return kept


def start_server(config: ChildConfig) -> tuple[object, int]:
    """Load the model; when this returns, the server answers. The first result must be kept: it stops when collected."""
    # Read by OpenMP while it is loaded. Threads that spin between tokens would take the core from the web server.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    xllamacpp = importlib.import_module("xllamacpp")

    params = xllamacpp.CommonParams()
    params.model.path = config.weights
    params.model_alias = {config.model_id}
    params.offline = True
    params.n_gpu_layers = 0  # the same on every computer; this model is too small to gain from a graphics card
    params.fit_params = False  # no second look at the weights to guess sizes that are given here

    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config.api_key]  # other users of this computer can reach the port too
    params.cors_origins = "http://localhost"  # the default lets every web page in
    params.ui = False
    params.verbosity = 1  # errors only: the next level writes about every request

    params.n_ctx = config.pool_tokens
    params.n_parallel = config.slots
    params.kv_unified = True
    params.kv_unified_per_slot = config.context_tokens
    params.n_predict = config.answer_tokens
    params.cache_ram_mib = 64  # prompts of earlier chats; the default is 8 GiB

    # A reader who left is noticed between batches, so the batch bounds how long a slot works for nobody (0.75 s).
    params.n_batch = params.n_ubatch = 128
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = config.threads

    server = xllamacpp.Server(params)
    port = urlsplit(server.listening_address).port
    if port is None:
        raise RuntimeError(f"The server names no port in its address: {server.listening_address}")
    return server, port


def main() -> None:
    # Ctrl-C in a terminal and `systemctl stop` reach the whole group of processes. The parent then lets running answers
    # end first, which they only can if the model is still there: only the parent decides, through stdin.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    line = sys.stdin.buffer.readline()
    if not line:
        return
    to_parent = take_stdout()
    watcher = threading.Thread(target=exit_with_parent, name="exit-with-parent", daemon=True)
    watcher.start()
    server, port = start_server(ChildConfig.from_line(line))
    os.write(to_parent, json.dumps({"port": port}).encode() + b"\n")
    os.close(to_parent)
    watcher.join()
    del server


if __name__ == "__main__":
    main()
