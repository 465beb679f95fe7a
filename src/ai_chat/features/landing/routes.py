"""`/` and `/pricing` for visitors, `/robots.txt` and `/sitemap.xml` for search engines. No part of the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from ai_chat.features.accounts.routes import SIGNED_IN_COOKIE
from ai_chat.features.landing.service import Landing
from ai_chat.http.state import part
from ai_chat.http.web_files import WebFiles

LandingPart = Annotated[Landing, Depends(part(Landing))]
Files = Annotated[WebFiles, Depends(part(WebFiles))]

router = APIRouter(include_in_schema=False)
_READ = ["GET", "HEAD"]
_VARY = "Accept-Language, Accept-Encoding, Cookie"


@router.api_route("/", methods=_READ)
async def front(request: Request, landing: LandingPart, files: Files) -> Response:
    """The app for whoever is signed in on this browser, the landing page for everybody else."""
    if not landing.shown or SIGNED_IN_COOKIE in request.cookies:
        response = files.app_page(request.headers)
        response.headers["Vary"] = _VARY
        return response
    return await _page(request, landing, "/")


@router.api_route("/pricing", methods=_READ)
async def pricing(request: Request, landing: LandingPart, files: Files) -> Response:
    """Plans and prices."""
    return await _page(request, landing, "/pricing") if landing.shown else files.app_page(request.headers)


@router.api_route("/robots.txt", methods=_READ)
async def robots(landing: LandingPart) -> Response:
    return Response(landing.robots(), media_type="text/plain; charset=utf-8")


@router.api_route("/sitemap.xml", methods=_READ)
async def sitemap(landing: LandingPart) -> Response:
    return Response(landing.sitemap(), media_type="application/xml", status_code=200 if landing.shown else 404)


async def _page(request: Request, landing: Landing, path: str) -> Response:
    language = landing.language(request.query_params.get("lang"), request.headers.get("accept-language", ""))
    written = await landing.write(path, language)
    headers = {"Cache-Control": "no-cache", "ETag": written.etag, "Vary": _VARY, "Content-Language": language}
    if written.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(written.compressed, media_type="text/html; charset=utf-8", headers=headers)
    return Response(written.plain, media_type="text/html; charset=utf-8", headers=headers)
