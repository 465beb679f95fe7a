"""Signature version 4 of Amazon's, as far as plain S3 requests need it.

Written out because it is a page, and every library that has it brings a client for all of Amazon's services along
(docs/decisions/0020-files.md). Tested against a server that checks signatures.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs, and for which region."""

    access_key: str
    secret_key: str
    region: str


def signed_headers(
    method: str, url: str, credentials: Credentials, *, payload: str, now: datetime, headers: Mapping[str, str]
) -> dict[str, str]:
    """`headers` with what proves who sends them; `payload` is the SHA-256 of the body in hexadecimal. The path of `url` is
    as it is sent; there is no query.
    """
    parts = urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    all_headers = {**headers, "Host": parts.netloc, "x-amz-content-sha256": payload, "x-amz-date": stamp}
    lower = {name.lower(): " ".join(value.split()) for name, value in all_headers.items()}
    names = ";".join(sorted(lower))
    path = quote(parts.path, safe="/-_.~%")
    request = "\n".join([method, path, "", *(f"{name}:{lower[name]}" for name in sorted(lower)), "", names, payload])
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (stamp[:8], credentials.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    all_headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return all_headers
