"""Which page, in which language, for whom."""

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ai_chat.features.catalog.service import Model
from ai_chat.features.landing.page import Page, Site, offers_of
from ai_chat.features.landing.texts import Language, Texts
from ai_chat.features.usage.plans import Plan, PlanId

_LANGUAGES: tuple[Language, ...] = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Written:
    """A page's bytes, plain and compressed."""

    plain: bytes
    compressed: bytes
    etag: str


class Landing:
    """Writes the pages from the plans as they are sold, the catalogue and the operator's texts as they are now."""

    def __init__(
        self,
        site: Site,
        texts: Mapping[Language, Texts],
        plans: Callable[[], Awaitable[Mapping[PlanId, Plan]]],
        models: Callable[[], list[Model]],
        default: Language,
        *,
        shown: bool,
    ) -> None:
        self._site = site
        self._texts = texts
        self._plans = plans
        self._models = models
        self._default: Language = default
        self.shown = shown
        """False on a server that is nobody's shop window: it greets with the sign-in page."""

    def language(self, asked: str | None, accepted: str) -> Language:
        """The one that is asked for in the address, else the first of the browser's that we speak."""
        for wanted in (asked or "", *accepted[:200].lower().split(",")):
            for language in _LANGUAGES:
                if wanted.strip().startswith(language):
                    return language
        return self._default

    async def write(self, path: str, language: Language) -> Written:
        """`/` or `/pricing`."""
        page = Page(self._site, self._texts[language], language, await self._plans())
        if path == "/pricing":
            return _packed(page.pricing())
        listed = [model for model in self._models() if model.source != "local"]
        known = [model for model in listed if model.unavailable is None] or listed
        return _packed(page.landing(offers_of((m.provider, m.name, m.tier == "premium") for m in known)))

    def robots(self) -> str:
        """What search engines may read: the shop window, nothing of anybody's."""
        if not self.shown:
            return "User-agent: *\nDisallow: /\n"
        closed = "".join(f"Disallow: {path}\n" for path in ("/api/", "/c/", "/settings", "/checkout", "/admin"))
        return f"User-agent: *\n{closed}\nSitemap: {self._site.url}/sitemap.xml\n"

    def sitemap(self) -> str:
        pages = "".join(f"<url><loc>{self._site.url}{path}</loc></url>" for path in ("/", "/pricing"))
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>'
        )


@lru_cache(maxsize=16)
def _packed(page: str) -> Written:
    """Compressed once for as long as nothing on it changes."""
    plain = page.encode()
    return Written(plain, gzip.compress(plain, 6), f'"{hashlib.sha256(plain).hexdigest()[:20]}"')
