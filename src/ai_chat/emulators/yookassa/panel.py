"""The emulator's own page: its clock with buttons that turn it, and what has been paid. For people at a demonstration."""

from __future__ import annotations

from html import escape

from ai_chat.emulators.yookassa.admin import Admin
from ai_chat.emulators.yookassa.page_style import STYLE

_STEPS = (("1 час", 3600), ("1 день", 86_400), ("7 дней", 7 * 86_400), ("30 дней", 30 * 86_400))
_SCRIPT = """
document.querySelectorAll('[data-seconds]').forEach(b=>b.addEventListener('click',async()=>{
await fetch('clock',{method:'POST',body:JSON.stringify({seconds:+b.dataset.seconds})});location.reload();}));
"""
_STATES = {
    "pending": "ждёт оплаты",
    "waiting_for_capture": "деньги удержаны",
    "succeeded": "оплачен",
    "canceled": "отменён",
}


def panel_page(admin: Admin) -> str:
    """The newest payments, and the time."""
    buttons = "".join(
        f'<button class="main" id="forward-{seconds}" data-seconds="{seconds}">+ {name}</button>'
        for name, seconds in _STEPS
    )
    rows = "".join(
        f"<li><span>{escape(payment.description or payment.id[:8])}</span>"
        f"<span>{payment.amount // 100} ₽ · {_STATES[payment.status]}"
        f"{f' · {escape(payment.reason)}' if payment.reason else ''}</span></li>"
        for payment in admin.payments()[:-21:-1]
    )
    return f"""<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Эмулятор ЮKassa</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body><main>
<header><span class="logo">Ю<b>Kassa</b> · эмулятор</span></header>
<div class="sheet"><h2 id="now">{admin.now():%d.%m.%Y %H:%M} UTC</h2>
<p class="what">Вместе с этими часами идут и часы магазина: продления, напоминания, окончание подписки</p>
<div class="row">{buttons}</div></div>
<div class="sheet cards" style="margin-top:16px"><ul style="padding:0">{rows or "<li>Платежей ещё нет</li>"}</ul></div>
</main><script>{_SCRIPT}</script></body></html>"""
