"""An honest YooKassa on loopback: shops, payments, refunds, saved methods, receipts, notifications, and a payment page.

    async with await start(webhook_url="http://127.0.0.1:3001/api/payments/yookassa/webhook") as emulator:
        …  # POST {emulator.base_url}/payments with the shop's id and key, as to https://api.yookassa.ru/v3
        emulator.admin.pay(payment_id)          # what a person would do on the page
        emulator.admin.advance(days=30)         # its clock is its own
        await emulator.admin.settled()          # every notification that is due has been delivered

Faults and the ways in which notifications go wrong are listed in faults.py and hooks.py;
`python -m ai_chat.emulators.yookassa --help` prints them. control.py offers the same over HTTP.
"""

from ai_chat.emulators.serving import EmulatorRefused
from ai_chat.emulators.yookassa.admin import Admin
from ai_chat.emulators.yookassa.server import Emulator, start
from ai_chat.emulators.yookassa.shops import DEFAULT_SECRET, DEFAULT_SHOP

__all__ = ["DEFAULT_SECRET", "DEFAULT_SHOP", "Admin", "Emulator", "EmulatorRefused", "start"]
