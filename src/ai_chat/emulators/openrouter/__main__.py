"""`python -m ai_chat.emulators.openrouter --port 8787`"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from ai_chat.emulators.openrouter.faults import FAULTS
from ai_chat.emulators.openrouter.knobs import KNOBS, UnknownKnob
from ai_chat.emulators.openrouter.server import start
from ai_chat.emulators.openrouter.texts import MODES
from ai_chat.emulators.serving import EmulatorRefused, until_stopped


def parser() -> argparse.ArgumentParser:
    """The command line, with every knob in its help."""
    table = [f"  {name:<18} {text}" for name, text in KNOBS.items()]
    faults = [f"  {name:<18} {text}" for name, text in FAULTS.items()]
    epilog = "\n".join(["knobs:", *table, "", "faults:", *faults, "", f"text modes: {', '.join(MODES)}"])
    command = argparse.ArgumentParser(
        prog="python -m ai_chat.emulators.openrouter",
        description="A local OpenRouter with fault knobs. Loopback only, never in production.",
        epilog=epilog.replace("%", "%%"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8787)
    command.add_argument("--speed", type=float, default=40, help="tokens a second, 0 = all at once (default 40)")
    command.add_argument("--ttft-ms", type=float, default=300, help="delay before the first token (default 300)")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--knobs", default="", help="more defaults, such as 'usage=b;comments=3'")
    return command


async def serve(arguments: argparse.Namespace) -> None:
    """Run until interrupted."""
    knobs = f"speed={arguments.speed};ttft_ms={arguments.ttft_ms};seed={arguments.seed};{arguments.knobs}"
    async with await start(arguments.host, arguments.port, seed=arguments.seed, knobs=knobs):
        await until_stopped()


def main(argv: Sequence[str] | None = None) -> None:
    command = parser()
    try:
        asyncio.run(serve(command.parse_args(argv)))
    except (EmulatorRefused, UnknownKnob, OSError) as error:
        command.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
