"""`python -m ai_chat.emulators.yookassa --port 8788 --webhook-url http://127.0.0.1:3001/api/payments/yookassa/webhook`"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from ai_chat.emulators.serving import EmulatorRefused, until_stopped
from ai_chat.emulators.yookassa.faults import FAULTS
from ai_chat.emulators.yookassa.hooks import KNOBS
from ai_chat.emulators.yookassa.server import start
from ai_chat.emulators.yookassa.shops import DEFAULT_SECRET, DEFAULT_SHOP, Shop


def parser() -> argparse.ArgumentParser:
    """The command line, with every fault and knob in its help."""
    faults = [f"  {name:<16} {text}" for name, text in FAULTS.items()]
    knobs = [f"  {name:<16} {text}" for name, text in KNOBS.items()]
    command = argparse.ArgumentParser(
        prog="python -m ai_chat.emulators.yookassa",
        description="A local YooKassa with a payment page and fault knobs. Loopback only, never in production.",
        epilog="\n".join(
            ["faults (POST /_emulator/faults):", *faults, "", "notifications (POST /_emulator/hooks):", *knobs]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8788)
    command.add_argument("--shop-id", default=DEFAULT_SHOP)
    command.add_argument("--secret-key", default=DEFAULT_SECRET)
    command.add_argument("--webhook-url", default="", help="where notifications go")
    command.add_argument("--fiscal", action="store_true", help="refuse payments without a receipt")
    command.add_argument("--no-recurring", action="store_true", help="refuse to save methods and to charge saved ones")
    command.add_argument("--live", action="store_true", help="be a live shop: test is false")
    return command


async def serve(arguments: argparse.Namespace) -> None:
    """Run until interrupted."""
    shop = Shop(
        arguments.shop_id,
        arguments.secret_key,
        test=not arguments.live,
        fiscal=arguments.fiscal,
        recurring=not arguments.no_recurring,
        webhook_url=arguments.webhook_url,
    )
    async with await start(arguments.host, arguments.port, shop=shop):
        await until_stopped()


def main(argv: Sequence[str] | None = None) -> None:
    command = parser()
    try:
        asyncio.run(serve(command.parse_args(argv)))
    except (EmulatorRefused, OSError) as error:
        command.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
