"""The landing and pricing pages as HTML. Everything that comes from outside is escaped here, once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice

from ai_chat.features.landing.texts import Language, Texts
from ai_chat.features.usage.plans import Plan, PlanId

_CHECK = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m5 12.5 4.5 4.5L19 7.5"/></svg>'
_LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><path class="mark" d="M16 3c7.7 0 13 4.6 13 11.5S23.7 26 16 '
    "26c-1.3 0-2.5-.1-3.7-.4-1.7 1.5-4 2.7-6.6 3.2-.8.1-1.3-.7-.8-1.3 1-1.3 1.6-2.7 1.8-4.2C4.4 21.2 3 18.2 3 14.5 3 7.6 8.3 3 "
    '16 3Z"/><path class="caret" d="M11.3 10.3v8.4"/><path class="word" d="M16.3 14.5h5"/></svg>'
)
_FEATURES = range(1, 7)
_QUESTIONS = range(1, 5)
_SHOWN_PROVIDERS = 9
_SHOWN_MODELS = 5


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same on every page of this server."""

    brand: str
    url: str
    """Where the pages are, without a slash at the end."""
    stylesheet: str | None
    offer_url: str | None
    privacy_url: str | None
    support_email: str | None
    seller: str | None
    selling: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider and some of its models; `premium` are those that the free plan does not open."""

    provider: str
    models: Sequence[tuple[str, bool]]


class Page:
    """One page in one language."""

    def __init__(self, site: Site, texts: Texts, language: Language, plans: Mapping[PlanId, Plan]) -> None:
        self._site = site
        self._texts = texts
        self._language: Language = language
        self._plans = plans

    def landing(self, offers: Sequence[Offer]) -> str:
        body = self._hero() + self._features() + self._models(offers) + self._pricing(2) + self._questions()
        return self._document("/", self._say("title"), self._say("description"), body)

    def pricing(self) -> str:
        body = self._pricing(1) + self._questions()
        return self._document("/pricing", self._say("plans_title"), self._say("plans_description"), body)

    def _say(self, name: str, **values: object) -> str:
        """A text with its values, escaped."""
        text = self._texts[name]
        premium = self._plans["premium"]
        known = {"brand": self._site.brand, "price": self._roubles(premium.price_rub)} | values
        for key, value in known.items():
            text = text.replace(f"{{{key}}}", str(value))
        return escape(text)

    def _hero(self) -> str:
        messages = self._counted("messages", self._plans["free"].messages_per_day)
        return f"""<section class="hero"><div><h1>{self._say("headline")}</h1><p class="lead">{self._say("lead")}</p>
<p class="actions"><a class="button primary" href="/register">{self._say("start")}</a>
<a class="button" href="/pricing">{self._say("see_plans")}</a></p>
<p class="small">{self._say("note", messages=messages)}</p></div>
<figure class="sample" aria-hidden="true"><p class="asked">{self._say("sample_question")}</p>
<p class="who"><span class="dot"></span>Claude 3.5 Sonnet</p><p class="said">{self._say("sample_answer")}</p>
<p class="chips"><span>GPT-4 Turbo</span><span>Gemini Pro</span><span>{self._say("sample_compare")}</span></p></figure></section>"""

    def _features(self) -> str:
        items = "".join(
            f"<li><h3>{self._say(f'feature{number}')}</h3><p>{self._say(f'feature{number}_text')}</p></li>"
            for number in _FEATURES
        )
        return f'<section><h2>{self._say("features_title")}</h2><ul class="features">{items}</ul></section>'

    def _models(self, offers: Sequence[Offer]) -> str:
        cards = "".join(self._provider(offer) for offer in islice(offers, _SHOWN_PROVIDERS))
        return f"""<section id="models"><h2>{self._say("models")}</h2><p class="lead">{self._say("models_lead")}</p>
<ul class="providers">{cards}</ul></section>"""

    def _provider(self, offer: Offer) -> str:
        shown = "".join(
            f"<li>{escape(name)}{'<span class=badge>Premium</span>' if premium else ''}</li>"
            for name, premium in islice(offer.models, _SHOWN_MODELS)
        )
        more = len(offer.models) - _SHOWN_MODELS
        rest = f'<li class="small">{self._say("more_models", count=more)}</li>' if more > 0 else ""
        return f"<li><h3>{escape(offer.provider)}</h3><ul>{shown}{rest}</ul></li>"

    def _pricing(self, level: int) -> str:
        """`level` of its heading: the page's own, or that of a part."""
        start = f'<a class="button" href="/register">{self._say("start")}</a>'
        buy = f'<a class="button primary" href="/plans">{self._say("buy")}</a>'
        not_sold = f'<p class="small">{self._say("not_sold")}</p>'
        free = self._plan(self._plans["free"], self._say("free_lead"), self._say("free_models"), start, level + 1)
        premium = self._plan(
            self._plans["premium"], self._say("premium_lead"), self._say("all_models"),
            buy if self._site.selling else not_sold, level + 1,
        )  # fmt: skip
        methods = self._say("methods") if self._site.selling else ""
        return f"""<section id="plans"><h{level}>{self._say("plans")}</h{level}><p class="lead">{self._say("plans_lead")}</p>
<div class="plans">{free}{premium}</div><p class="small centre">{self._say("tokens_hint")}</p>
<p class="small centre">{methods}</p></section>"""

    def _plan(self, plan: Plan, lead: str, models: str, action: str, level: int) -> str:
        costs = plan.price_rub > 0
        a_year = self._say("a_year", price=self._roubles(plan.price_rub_year))
        year = f'<p class="small">{a_year}</p>' if plan.price_rub_year else ""
        trial = [self._say("trial", count=plan.trial_days)] if plan.trial_days else []
        lines = [
            *trial, escape(self._counted("messages", plan.messages_per_day)), models,
            self._say("tokens", count=self._number(plan.tokens_per_message)),
            self._say("context", count=self._number(plan.context_tokens)),
            escape(self._counted("chats", plan.chats_per_hour)),
        ]  # fmt: skip
        return f"""<article class="plan{" strong" if costs else ""}"><h{level}>{escape(plan.name)}</h{level}>
<p class="small">{lead}</p>
<p class="price"><strong>{escape(self._roubles(plan.price_rub))}</strong> {self._say("a_month" if costs else "forever")}</p>{year}
<ul>{"".join(f"<li>{_CHECK}{line}</li>" for line in lines)}</ul>{action}</article>"""

    def _questions(self) -> str:
        """About paying: where nothing is sold, nobody asks."""
        if not self._site.selling:
            return ""
        items = "".join(
            f"<details><summary>{self._say(f'question{number}')}</summary><p>{self._say(f'answer{number}')}</p></details>"
            for number in _QUESTIONS
        )
        return f'<section class="questions"><h2>{self._say("questions")}</h2>{items}</section>'

    def _counted(self, name: str, count: int) -> str:
        """A number of things, in the plural form that its language wants."""
        text = self._texts[name].replace("{count}", self._number(count))
        if self._language == "en":
            return text.replace("messages", "message").replace("chats", "chat") if count == 1 else text
        few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
        one = count % 10 == 1 and count % 100 != 11
        for many, form_one, form_few in _RUSSIAN_FORMS:
            text = text.replace(many, form_one if one else form_few if few else many)
        return text

    def _roubles(self, amount: int) -> str:
        return f"{self._number(amount)}\u00a0₽" if self._language == "ru" else f"₽{self._number(amount)}"

    def _number(self, number: int) -> str:
        return f"{number:,}".replace(",", "\u00a0" if self._language == "ru" else ",")

    def _document(self, path: str, title: str, description: str, body: str) -> str:
        site, other = self._site, "en" if self._language == "ru" else "ru"
        address = escape(site.url + path)
        sheet = f'<link rel="stylesheet" href="{escape(site.stylesheet)}">' if site.stylesheet else ""
        alternates = "".join(
            f'<link rel="alternate" hreflang="{language}" href="{address}?lang={language}">'
            for language in ("ru", "en")
        )
        return f"""<!doctype html><html lang="{self._language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="description" content="{description}"><link rel="canonical" href="{address}">{alternates}
<link rel="alternate" hreflang="x-default" href="{address}">
<meta property="og:type" content="website"><meta property="og:site_name" content="{escape(site.brand)}">
<meta property="og:title" content="{title}"><meta property="og:description" content="{description}">
<meta property="og:url" content="{address}"><meta property="og:image" content="{escape(site.url)}/icon-512.png">
<meta property="og:locale" content="{"ru_RU" if self._language == "ru" else "en_US"}"><meta name="twitter:card" content="summary">
<meta name="color-scheme" content="light dark"><meta name="theme-color" content="#fbfaf8">
<meta name="theme-color" content="#191a18" media="(prefers-color-scheme: dark)">
<link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="manifest" href="/manifest.webmanifest">
<link rel="apple-touch-icon" href="/icon-192.png">{sheet}<script src="/theme.js"></script></head><body>
<a class="skip" href="#main">{self._say("skip")}</a>
<header><a class="brand" href="/?lang={self._language}">{_LOGO}{escape(site.brand)}</a><nav aria-label="{escape(site.brand)}">
<a class="wide" href="/?lang={self._language}#models">{self._say("models")}</a>
<a href="/pricing?lang={self._language}">{self._say("plans")}</a>
<a class="wide" href="{path}?lang={other}" hreflang="{other}" lang="{other}">{self._say("other_language")}</a>
<a class="button" href="/login">{self._say("sign_in")}</a></nav></header>
<main id="main" tabindex="-1">{body}</main>
<footer><p>© {escape(site.seller or site.brand)}</p><p>{self._links(path, other)}</p></footer></body></html>"""

    def _links(self, path: str, other: str) -> str:
        site = self._site
        links = [
            (site.offer_url, self._say("offer")),
            (site.privacy_url, self._say("privacy")),
            (f"mailto:{site.support_email}" if site.support_email else None, self._say("support")),
            (f"{path}?lang={other}", self._say("other_language")),
        ]
        return " ".join(f'<a href="{escape(address)}">{name}</a>' for address, name in links if address)


_RUSSIAN_FORMS = (
    ("сообщений", "сообщение", "сообщения"),
    ("новых чатов", "новый чат", "новых чата"),
)


def offers_of(models: Iterable[tuple[str, str, bool]]) -> list[Offer]:
    """Models (provider, name, premium) by provider, in their order, each name once; providers with the most models first."""
    grouped: dict[str, dict[str, bool]] = {}
    for provider, name, premium in models:
        grouped.setdefault(provider, {}).setdefault(name, premium)
    offers = [Offer(provider, tuple(names.items())) for provider, names in grouped.items()]
    return sorted(offers, key=lambda offer: -len(offer.models))
