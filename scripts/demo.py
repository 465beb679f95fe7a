"""The whole product with stand-ins for OpenRouter and YooKassa on this machine: models answer, test cards pay, time travels.

Its data lives in a folder of its own (data/demo), and its clock is the YooKassa emulator's: turned forward on the emulator's
page, the product's months pass too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from ai_chat.emulators import openrouter, yookassa
from ai_chat.kernel.refusal import Refusal
from ai_chat.server import CannotServe, serve
from ai_chat.settings import Settings, load_settings
from scripts.demo_story import ADMIN, Story, beginning, new_password

_NOTIFY = "http://127.0.0.1:{port}/api/payments/yookassa/webhook"
_WELCOME = """
  AI Chat Platform, demonstration: http://localhost:{port}

  Models     answered by an emulator, nothing is paid for
  Payments   cards such as 4111 1111 1111 1111; the payment page lists them all
  Time       {kassa}/_emulator/ turns the clock: renewals, expiry, reminders
"""


class Stage:
    """The emulators, in a thread and an event loop of their own."""

    def __init__(self, notify: str, models_port: int, payments_port: int) -> None:
        self._notify = notify
        self._ports = models_port, payments_port
        self._ready = threading.Event()
        self._over: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.problem: Exception | None = None
        self.models: openrouter.Emulator
        self.kassa: yookassa.Emulator

    def run(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception as problem:  # noqa: BLE001 - told by the main thread
            self.problem = problem
            self._ready.set()

    async def _run(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        knobs = "speed=60;ttft_ms=300"
        async with (
            await openrouter.start(port=self._ports[0], knobs=knobs) as self.models,
            await yookassa.start(port=self._ports[1], webhook_url=self._notify) as self.kassa,
        ):
            self._ready.set()
            await self._over.wait()

    @contextmanager
    def playing(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run, name="emulators")
        thread.start()
        self._ready.wait()
        try:
            if self.problem is not None:
                raise CannotServe(f"The emulators cannot start: {self.problem}") from self.problem
            yield
        finally:
            if self._loop is not None and self._over is not None and thread.is_alive():
                self._loop.call_soon_threadsafe(self._over.set)
            thread.join()


def main() -> int:
    command = argparse.ArgumentParser(prog="make demo", description=__doc__)
    command.add_argument("--port", type=int, help="of the product; PORT")
    command.add_argument("--models-port", type=int, default=8787, help="of the OpenRouter emulator")
    command.add_argument("--payments-port", type=int, default=8788, help="of the YooKassa emulator")
    command.add_argument(
        "--story", type=int, default=0, metavar="DAYS", help="live through so many days of a small business first"
    )
    arguments = command.parse_args()
    try:
        settings = load_settings()
        port = arguments.port or settings.port
        stage = Stage(_NOTIFY.format(port=port), arguments.models_port, arguments.payments_port)
        with stage.playing():
            ours = demo_settings(settings, port, stage)
            print(_WELCOME.format(port=port, kassa=stage.kassa.origin), flush=True)
            if arguments.story > 0:
                _tell_beside(ours, stage, port, arguments.story)
            serve(ours, clock=stage.kassa.admin.now)
    except Refusal as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    return 0


def _tell_beside(settings: Settings, stage: Stage, port: int, days: int) -> None:
    """The story is told while the product serves, from a thread of its own."""
    password = new_password()
    stage.kassa.admin.set_time(beginning(days))
    story = Story(settings, f"http://127.0.0.1:{port}", stage.kassa.origin, days, password)
    print(f"  Story      {days} days, about {days * 3 // 120 + 1} minutes; everybody's password is {password}")
    print(f"  Operator   {ADMIN}, at http://localhost:{port}/admin", flush=True)
    threading.Thread(target=lambda: asyncio.run(story.tell()), name="story", daemon=True).start()


def demo_settings(settings: Settings, port: int, stage: Stage) -> Settings:
    """Settings of the operator's own, except for everything that reaches outside or keeps data."""
    changes: dict[str, object] = {
        "host": "127.0.0.1",  # the payment page is on this machine only
        "port": port,
        "web_url": None,
        "data_dir": Path(os.environ.get("DATA_DIR") or "data") / "demo",
        "database_url": None,
        "redis_url": None,
        "local_model": "off",
        "openai_compatible_base_url": None,
        "openrouter_base_url": stage.models.base_url,
        "openrouter_api_key": SecretStr(stage.models.api_key),
        "yookassa_base_url": stage.kassa.base_url,
        "yookassa_shop_id": stage.kassa.shop_id,
        "yookassa_secret_key": SecretStr(stage.kassa.secret_key),
        "yookassa_webhook_ips": ("127.0.0.0/8",),
    }
    return settings.model_copy(update=changes)


if __name__ == "__main__":
    sys.exit(main())
