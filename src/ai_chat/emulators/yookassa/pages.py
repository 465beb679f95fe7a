"""The payment page in Russian, as plain HTML that works without scripts. Tests find everything by its id."""

from __future__ import annotations

import random
from html import escape

from ai_chat.emulators.yookassa.cards import CARDS, LATER_DECLINED_CARD, SECURE_CARD
from ai_chat.emulators.yookassa.page_style import SCRIPT, STYLE
from ai_chat.emulators.yookassa.page_texts import BANKS, reason_text
from ai_chat.emulators.yookassa.paying import TITLES, offered
from ai_chat.emulators.yookassa.payments import Method, Payment

_WALLET_WORDS = {
    "sbp": "Отсканируйте код в приложении банка или выберите банк",
    "sberbank": "Подтвердите оплату в приложении СберБанк Онлайн",
    "tinkoff_bank": "Подтвердите оплату в приложении Т-Банка",
    "yoo_money": "Оплата с баланса кошелька 4100…1136",
}


def payment_page(payment: Payment, error: str = "") -> str:
    """Choose how to pay."""
    kinds = offered(payment)
    sections = [_section(payment, kind, first=kind == kinds[0]) for kind in kinds]
    banner = f'<p class="error" id="error" role="alert">{escape(error)}</p>' if error else ""
    back = f'<a class="back" id="close" href="{escape(payment.return_url)}">Вернуться в магазин без оплаты</a>'
    body = f"""<div class="sheet">{banner}
<h1 id="amount">{_roubles(payment.amount)}</h1>
<p class="what" id="description">{escape(payment.description or "Оплата заказа")}</p>
{"".join(sections)}
{back if payment.return_url else ""}</div>{_test_cards() if "bank_card" in kinds else ""}"""
    return _document("Оплата", body)


def code_page(action: str, hidden: dict[str, str]) -> str:
    """The bank's own page: 3-D Secure."""
    body = f"""<div class="sheet"><h2>Подтвердите платёж</h2>
<p class="what">Банк отправил код в СМС. Здесь подойдёт любой.</p>
<form method="post" action="{escape(action)}">{_hidden(hidden)}
<label>Код из СМС<input type="text" id="threeds-code" name="code" inputmode="numeric"
autocomplete="one-time-code" value="1234"></label>
<button class="main" id="threeds-confirm" name="answer" value="confirm">Подтвердить</button>
<button class="quiet" id="threeds-decline" name="answer" value="decline">Отказаться</button></form></div>"""
    return _document("3-D Secure", body)


def result_page(payment: Payment) -> str:
    """What became of the payment."""
    if payment.status in ("succeeded", "waiting_for_capture"):
        mark, title, text = "ok", "Оплачено", _roubles(payment.amount)
    else:
        mark, title, text = "no", "Платёж не прошёл", reason_text(payment.reason)
    return _result(mark, title, text, payment.reason or "", payment.return_url)


def binding_page(method: Method, error: str = "") -> str:
    """Save a card without a payment."""
    banner = f'<p class="error" id="error" role="alert">{escape(error)}</p>' if error else ""
    body = f"""<div class="sheet">{banner}<h2>Привязка карты</h2><p class="what">Деньги не спишутся</p>
<details id="method-bank_card" open><summary>Банковская карта</summary>
<form id="card-form" method="post" action="/checkout/bind">{_hidden({"methodId": method.id})}{_card_inputs()}
<button class="main" id="pay">Привязать карту</button></form></details>
<a class="back" id="close" href="{escape(method.return_url)}">Вернуться в магазин</a></div>{_test_cards()}"""
    return _document("Привязка карты", body)


def binding_failed_page(method: Method, reason: str) -> str:
    return _result("no", "Карта не привязана", reason_text(reason), reason, method.return_url)


def missing_page() -> str:
    return _result("no", "Платёж не найден", "Проверьте ссылку", "", "")


def _section(payment: Payment, kind: str, *, first: bool) -> str:
    hidden = _hidden({"orderId": payment.id, "method": kind})
    opened = " open" if first else ""
    title = escape(TITLES[kind])
    if kind == "bank_card":
        return f"""<details id="method-bank_card" name="method"{opened}><summary>{title}</summary>
<form id="card-form" method="post" action="/checkout/pay">{hidden}{_card_inputs()}{_save(payment, kind)}
<button class="main" id="pay">Заплатить {_roubles(payment.amount)}</button></form></details>"""
    extra = ""
    if kind == "sbp":
        options = "".join(f'<option value="{bank}">{escape(name)}</option>' for bank, name in BANKS.items())
        extra = f'{_drawn_code(payment.id)}<label>Банк<select name="bank" id="sbp-bank">{options}</select></label>'
    return f"""<details id="method-{kind}" name="method"{opened}><summary>{title}</summary>
<form method="post" action="/checkout/pay">{hidden}<p class="what">{_WALLET_WORDS[kind]}</p>{extra}{_save(payment, kind)}
<button class="main" id="pay-{kind}" name="outcome" value="ok">Подтвердить оплату</button>
<button class="quiet" id="poor-{kind}" name="outcome" value="insufficient_funds">Не хватает денег</button>
<button class="quiet" id="decline-{kind}" name="outcome" value="general_decline">Отклонить</button></form></details>"""


def _card_inputs() -> str:
    return """<label>Номер карты<input type="text" id="card-number" name="number" inputmode="numeric"
autocomplete="cc-number" placeholder="0000 0000 0000 0000" required></label>
<div class="row"><label>Срок действия<input type="text" id="card-expiry" name="expiry" autocomplete="cc-exp"
placeholder="ММ/ГГ" required></label><label>CVC<input type="text" id="card-csc" name="csc" inputmode="numeric"
autocomplete="cc-csc" placeholder="123" required></label></div>"""


def _save(payment: Payment, kind: str) -> str:
    if not payment.save:
        return ""
    return f"""<label class="check"><input type="checkbox" id="save-{kind}" name="save" value="yes" checked>
<span>Запомнить и списывать оплату автоматически</span></label>"""


def _test_cards() -> str:
    def row(number: str, says: str) -> str:
        return (
            f'<li><button type="button" data-card="{number}">{_spaced(number)}</button><span>{escape(says)}</span></li>'
        )

    good = [
        row(number, "3-D Secure, оплата пройдёт" if card.secure else "оплата пройдёт")
        for number, card in CARDS.items()
        if card.reason is None and number != LATER_DECLINED_CARD and (card.secure or card.network in ("Mir", "Visa"))
    ]
    good.append(row(LATER_DECLINED_CARD, "пройдёт, но автоплатежи — нет"))
    bad = [row(number, reason_text(card.reason)) for number, card in CARDS.items() if card.reason]
    return f"""<details class="cards sheet" id="test-cards" style="padding:0;margin-top:16px"><summary>Тестовые карты: \
нажмите, чтобы подставить</summary><ul>{"".join(good)}{"".join(bad)}</ul></details>
<script>{SCRIPT}</script><!-- {SECURE_CARD} asks for a code -->"""


def _result(mark: str, title: str, text: str, reason: str, return_url: str) -> str:
    back = f'<a id="return" href="{escape(return_url)}"><button class="main">Вернуться в магазин</button></a>'
    body = f"""<div class="sheet" id="result" data-reason="{escape(reason)}"><div class="mark {mark}" aria-hidden="true">\
{"✓" if mark == "ok" else "×"}</div><h2>{escape(title)}</h2><p class="what">{escape(text)}</p>{back if return_url else ""}</div>"""
    return _document(title, body)


def _document(title: str, body: str) -> str:
    return f"""<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<style>{STYLE}</style></head><body><main><header><span class="logo">Ю<b>Kassa</b> · эмулятор</span>
<span class="badge">деньги не списываются</span></header>{body}
<p class="foot">Тестовый магазин на этом компьютере</p></main></body></html>"""


def _hidden(values: dict[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in values.items()
    )


def _drawn_code(seed: str) -> str:
    """Something that looks like a QR code; there is no bank to scan it."""
    dice = random.Random(seed)
    dots = "".join(
        f'<rect x="{x}" y="{y}" width="1" height="1"/>' for x in range(21) for y in range(21) if dice.random() < 0.48
    )
    return f'<svg class="qr" viewBox="-1 -1 23 23" role="img" aria-label="QR-код" fill="#1d1d24">{dots}</svg>'


def _roubles(kopecks: int) -> str:
    whole = f"{kopecks // 100:,}".replace(",", "\u00a0")
    return f"{whole}\u00a0₽" if kopecks % 100 == 0 else f"{whole},{kopecks % 100:02d}\u00a0₽"


def _spaced(number: str) -> str:
    return " ".join(number[index : index + 4] for index in range(0, len(number), 4))
