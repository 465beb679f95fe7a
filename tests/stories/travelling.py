"""`ai-chat serve` whose clock a test turns: the seconds that the file CLOCK holds are added to the real time."""

import argparse
import os
from datetime import datetime, timedelta
from pathlib import Path

from ai_chat.kernel.clock import system_clock
from ai_chat.server import serve
from ai_chat.settings import load_settings


def main() -> None:
    command = argparse.ArgumentParser()
    command.add_argument("--host")
    command.add_argument("--port", type=int)
    arguments = command.parse_args()
    turned = Path(os.environ["CLOCK"])

    def clock() -> datetime:
        return system_clock() + timedelta(seconds=float(turned.read_text()))

    settings = load_settings().model_copy(update={"host": arguments.host, "port": arguments.port})
    serve(settings, clock=clock)


if __name__ == "__main__":
    main()
