"""Serves the built web app: compressed files as they were built, hashed ones for ever, and index.html for every page.

Small and read once at start: the whole app weighs about as much as one photograph.
"""

import hashlib
import html
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ai_chat.http.errors import failure_at, failure_response
from ai_chat.kernel.errors import AppError, ErrorCode

_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_MANIFEST = "/manifest.webmanifest"
_API = ("/api", "/v1", "/health", "/metrics", "/docs", "/openapi.json")


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    etag: str
    cache_control: str
    compressed: tuple[tuple[str, bytes], ...]


class WebFiles:
    """The ASGI application behind all routes: what no route has taken is a page or a file of the web app."""

    def __init__(
        self, folder: Path, *, brand_name: str, default_locale: str, facts: Mapping[str, str | None] | None = None
    ) -> None:
        """`facts` are told to the app in its page: a `<meta>` for each that there is."""
        self._files = dict(_read_all(folder)) if folder.is_dir() else {}
        index = self._files.pop("/index.html", None)
        self._index = _branded(index, brand_name, default_locale, facts or {}) if index else None
        manifest = self._files.get(_MANIFEST)
        if manifest is not None:
            self._files[_MANIFEST] = _named(manifest, brand_name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope)(scope, receive, send)

    def app_page(self, headers: Mapping[str, str]) -> Response:
        """The page of the app, whatever its address is."""
        return _response(self._index, headers) if self._index is not None else _not_built()

    def stylesheet(self, name: str) -> str | None:
        """The address of a built stylesheet; None where the web app is not built."""
        return next(
            (path for path in self._files if path.startswith(f"/assets/{name}-") and path.endswith(".css")), None
        )

    def _answer(self, scope: Scope) -> Response:
        path = scope["path"]
        if path in _API or path.startswith(tuple(f"{prefix}/" for prefix in _API)):
            return failure_at(path, AppError(ErrorCode.NOT_FOUND))
        if scope["method"] not in ("GET", "HEAD"):
            return failure_response(AppError(ErrorCode.METHOD_NOT_ALLOWED), {"Allow": "GET, HEAD"})
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        file = self._index if path == "/index.html" else self._files.get(path)
        if file is None and (path.startswith("/assets/") or "." in path.rpartition("/")[2]):
            return failure_response(AppError(ErrorCode.NOT_FOUND))
        file = file or self._index
        if file is None:
            return _not_built()
        response = _response(file, headers)
        if path.startswith("/share/"):  # the address is a secret, and what it shows is for those who have it
            response.headers.update({"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"})
        return response


def _not_built() -> Response:
    error = {"code": "NOT_FOUND", "message": "The web app is not built: run make run."}
    return JSONResponse({"success": False, "error": error}, 404)


def _response(file: _File, request: Mapping[str, str]) -> Response:
    headers = {"Cache-Control": file.cache_control, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = _accepted(request.get("accept-encoding", ""))
    content = file.content
    for encoding, compressed in file.compressed:
        if encoding in accepted:
            content = compressed
            headers["Content-Encoding"] = encoding
            break
    return Response(content, media_type=file.media_type, headers=headers)


def _accepted(header: str) -> set[str]:
    """The encodings that a request accepts; one of quality zero is refused by name."""
    parts = (part.replace(" ", "").lower().partition(";q=") for part in header.split(","))
    return {name for name, _, quality in parts if quality.strip("0.") or not quality}


@cache
def _read_all(folder: Path) -> dict[str, _File]:
    files: dict[str, _File] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".br", ".gz"):
            continue
        name = "/" + path.relative_to(folder).as_posix()
        compressed = tuple(
            (encoding, beside.read_bytes())
            for encoding, suffix in _ENCODINGS
            if (beside := path.with_name(path.name + suffix)).is_file()
        )
        files[name] = _file(path.read_bytes(), path.name, compressed, forever=name.startswith("/assets/"))
    return files


def _file(content: bytes, name: str, compressed: tuple[tuple[str, bytes], ...], *, forever: bool) -> _File:
    known = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}
    media_type = known.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    return _File(content, media_type, etag, _FOREVER if forever else _ASK_FIRST, compressed)


def _branded(index: _File, brand_name: str, default_locale: str, facts: Mapping[str, str | None]) -> _File:
    """index.html with this server's name, language and facts in it."""
    text = index.content.decode()
    text = text.replace("AI Chat", html.escape(brand_name)).replace('lang="ru"', f'lang="{default_locale}"', 1)
    text = text.replace('name="app-locale" content="ru"', f'name="app-locale" content="{default_locale}"', 1)
    metas = (f'<meta name="{name}" content="{html.escape(value)}" />' for name, value in facts.items() if value)
    text = text.replace("</head>", "".join(metas) + "</head>", 1)
    return _file(text.encode(), "index.html", (), forever=False)


def _named(manifest: _File, brand_name: str) -> _File:
    """The manifest of the installed app with this server's name in it."""
    described = json.loads(manifest.content) | {"name": brand_name, "short_name": brand_name}
    return _file(json.dumps(described, ensure_ascii=False).encode(), _MANIFEST, (), forever=False)
