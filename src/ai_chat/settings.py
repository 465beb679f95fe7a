"""Every setting of the product, once: name, default, meaning. `.env.example` and docs/configuration.md are checked against it.

Read from the environment and `.env`; a real environment variable always wins. Only the composition root and the command
line import this module: everything else is handed the values it needs.
"""

import os
import secrets
from decimal import Decimal
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ai_chat.kernel.refusal import Refusal

WEAK_SECRET_LENGTH = 32
_KNOWN_SECRETS = ("changeme", "change-me", "change_me", "secret", "your-secret", "your_jwt", "supersecret", "example")


# Published by YooKassa: https://yookassa.ru/developers/using-api/webhooks
_YOOKASSA_SENDERS = (
    "185.71.76.0/27", "185.71.77.0/27", "77.75.153.0/25", "77.75.156.11", "77.75.156.35", "77.75.154.128/25", "2a02:5180::/32",
)  # fmt: skip


class SettingsError(Refusal):
    """The settings do not allow a start."""


class Settings(BaseSettings):
    """The environment of one process. Field names are the environment's, in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    # Server
    port: Annotated[int, Field(ge=0, le=65535, description="Port the server listens on.")] = 3001
    host: Annotated[str, Field(description="Address the server listens on.")] = "0.0.0.0"  # noqa: S104 - a server's default
    app_env: Annotated[
        Literal["development", "production"],
        Field(
            validation_alias=AliasChoices("app_env", "node_env"),
            description="`production` refuses unsafe settings and logs JSON. `NODE_ENV` is accepted as an alias.",
        ),
    ] = "development"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="How much is logged: debug, info, warning or error."),
    ] = "info"
    web_url: Annotated[
        str | None,
        Field(
            description="Public address of the web app: CORS origin, links, `HTTP-Referer` upstream. Default `http://localhost:$PORT`."
        ),
    ] = None
    trusted_proxies: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(description="Addresses or networks (comma separated) of proxies whose `X-Forwarded-For` is believed."),
    ] = ()
    metrics_token: Annotated[
        SecretStr | None,
        Field(
            description="Bearer token that opens `/metrics`. Unset: programs on this machine may read it, in production nobody."
        ),
    ] = None
    outbound_proxy: Annotated[
        SecretStr | None,
        Field(description="HTTP proxy for every outgoing connection, e.g. `http://user:pass@proxy:3128`."),
    ] = None

    # Data
    data_dir: Annotated[Path, Field(description="Folder of the SQLite database and of generated secrets.")] = Path(
        "data"
    )
    database_url: Annotated[
        SecretStr | None,
        Field(
            description="`postgresql://…` for PostgreSQL, also with `sslmode`, also pooled. Unset: SQLite in `DATA_DIR`."
        ),
    ] = None
    redis_url: Annotated[
        SecretStr | None, Field(description="`redis://`, `rediss://` or `unix://`. Unset: one process does without.")
    ] = None
    s3_endpoint: Annotated[
        str | None,
        Field(
            description="S3-compatible server that keeps people's files, e.g. `https://storage.yandexcloud.net`. Unset: `DATA_DIR`."
        ),
    ] = None
    s3_bucket: Annotated[str, Field(max_length=63, description="Bucket for files; it must exist.")] = ""
    s3_access_key_id: Annotated[str, Field(description="Who signs in at the S3 server.")] = ""
    s3_secret_access_key: Annotated[SecretStr | None, Field(description="And their secret key.")] = None
    s3_region: Annotated[str, Field(max_length=60, description="The bucket's region.")] = "us-east-1"

    # Accounts
    jwt_secret: Annotated[
        SecretStr | None,
        Field(
            description="Signs access tokens; ≥ 32 characters in production. Development makes one and keeps it in `DATA_DIR`."
        ),
    ] = None
    auth_throttle: Annotated[
        Literal["on", "off"],
        Field(description="`off` lifts the limit on failed sign-ins, for load tests; refused in production."),
    ] = "on"

    # Models
    openrouter_api_key: Annotated[SecretStr | None, Field(description="Key of OpenRouter: opens its models.")] = None
    openrouter_base_url: Annotated[str, Field(description="Base address of OpenRouter's API.")] = (
        "https://openrouter.ai/api/v1"
    )
    openrouter_fallback_models: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            description="Models (comma separated) asked in turn where the chosen one cannot answer; never of a higher plan."
        ),
    ] = ()
    daily_spend_limit_usd: Annotated[
        Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | Literal["off"],
        Field(
            description="What a day's answers may cost; then priced models close until midnight. `0`: always closed, `off`: never."
        ),
    ] = Decimal(5)
    openai_compatible_base_url: Annotated[
        str | None,
        Field(description="Base address of a second upstream (Ollama, vLLM …), e.g. `http://localhost:11434/v1`."),
    ] = None
    openai_compatible_api_key: Annotated[
        SecretStr | None, Field(description="Key of the second upstream, if it wants one.")
    ] = None
    openai_compatible_tier: Annotated[
        Literal["free", "premium"], Field(description="Plan that opens the models of the second upstream.")
    ] = "free"
    local_model: Annotated[
        Literal["on", "off"], Field(description="The embedded demo model (SmolLM2 135M, English only, needs no key).")
    ] = "on"
    title_model: Annotated[
        str | None,
        Field(
            description="Model that names chats after their first answer; `off`: none does. Default: the cheapest that can answer."
        ),
    ] = None

    # Payments
    yookassa_shop_id: Annotated[str | None, Field(description="Shop at YooKassa; with its key it opens buying.")] = None
    yookassa_secret_key: Annotated[
        SecretStr | None, Field(description="The shop's secret key, `live_…` or `test_…`.")
    ] = None
    yookassa_base_url: Annotated[str, Field(description="Base address of YooKassa's API.")] = (
        "https://api.yookassa.ru/v3"
    )
    yookassa_webhook_ips: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(description="Addresses or networks (comma separated) that may notify us. Unset: YooKassa's own."),
    ] = ()
    yookassa_receipts: Annotated[
        Literal["on", "off"],
        Field(description="`on` sends fiscal receipts (54-FZ) with payments and refunds; for shops that must."),
    ] = "off"
    yookassa_tax_system: Annotated[
        int | None,
        Field(ge=1, le=6, description="Tax system on receipts: 1 OSN, 2 USN income, 3 USN, 4 ENVD, 5 ESN, 6 patent."),
    ] = None
    yookassa_vat_code: Annotated[
        int, Field(ge=1, le=12, description="VAT code on receipts; 1 is without VAT, 11 is 22 %.")
    ] = 1
    yookassa_payment_subject: Annotated[str, Field(max_length=40, description="What receipts say is sold.")] = "service"
    yookassa_payment_mode: Annotated[str, Field(max_length=40, description="How receipts say it is paid.")] = (
        "full_payment"
    )
    renewal_lead_hours: Annotated[
        int, Field(ge=1, le=168, description="Hours before a period ends at which its renewal is first charged.")
    ] = 24
    renewal_retry_days: Annotated[
        tuple[int, ...], NoDecode, Field(description="Days after the first declined charge on which it is tried again.")
    ] = (1, 3, 5)
    renewal_grace_days: Annotated[
        int, Field(ge=0, le=30, description="Days that Premium is kept after its end while a renewal is tried again.")
    ] = 5
    usd_rub_rate: Annotated[
        Decimal, Field(gt=0, description="Roubles a dollar costs, for margins; an administrator can store newer ones.")
    ] = Decimal(90)

    # Mail
    smtp_url: Annotated[
        SecretStr | None,
        Field(
            description="Mail server, `smtp://user:password@host:587` or `smtps://…:465`; no password goes to it "
            "unencrypted. Unset: letters are only logged, and "
            "whoever has forgotten the password is sent to you (`ai-chat user set-password`)."
        ),
    ] = None
    mail_from: Annotated[str, Field(description="Sender of letters.")] = "AI Chat <noreply@localhost>"

    # Product
    brand_name: Annotated[str, Field(max_length=60, description="Name of the product in the web app.")] = "AI Chat"
    landing: Annotated[
        Literal["on", "off"],
        Field(
            description="Pages for visitors, `/` and `/pricing`; `off` greets with the sign-in page and keeps search engines out."
        ),
    ] = "on"
    landing_file: Annotated[
        Path | None,
        Field(
            description="TOML file with other texts for these pages, see docs/payments.md. Default: `landing.toml` in `DATA_DIR`."
        ),
    ] = None
    offer_url: Annotated[
        str | None,
        Field(description="Address of the public offer; linked where people pay and at the foot of the pages."),
    ] = None
    privacy_url: Annotated[
        str | None, Field(description="Address of the privacy policy, linked at the same places.")
    ] = None
    support_email: Annotated[
        str | None, Field(max_length=255, description="Where customers write; linked at the foot of the pages.")
    ] = None
    seller: Annotated[
        str | None,
        Field(max_length=200, description="Who sells, with tax number, as shops must say: at the foot of the pages."),
    ] = None
    default_locale: Annotated[
        Literal["ru", "en"], Field(description="Language of the web app until a person chooses.")
    ] = "ru"
    quota_timezone: Annotated[str, Field(description="Time zone whose midnight resets the daily message limits.")] = (
        "Europe/Moscow"
    )
    plans_file: Annotated[
        Path | None,
        Field(
            description="TOML file that changes the plans' limits, see docs/configuration.md. Default: `plans.toml` in `DATA_DIR`."
        ),
    ] = None

    @field_validator(
        "trusted_proxies", "openrouter_fallback_models", "yookassa_webhook_ips", "renewal_retry_days", mode="before"
    )
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies", "yookassa_webhook_ips")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            ip_network(part, strict=False)
        return value

    @field_validator("quota_timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as problem:
            raise ValueError(f"there is no time zone {value!r}") from problem
        return value

    @field_validator(
        "web_url",
        "yookassa_base_url",
        "openrouter_base_url",
        "openai_compatible_base_url",
        "s3_endpoint",
        "offer_url",
        "privacy_url",
    )
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return _http_address(value) if value is not None else None

    @field_validator("outbound_proxy")
    @classmethod
    def _secret_address(cls, value: SecretStr | None) -> SecretStr | None:
        return SecretStr(_http_address(value.get_secret_value())) if value is not None else None

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_mail_server(value.get_secret_value()):
            raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _s3_is_whole(self) -> "Settings":
        if self.s3_endpoint and not (self.s3_bucket and self.s3_access_key_id and self.s3_secret_access_key):
            raise ValueError("S3_ENDPOINT also needs S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY")
        return self

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> "Settings":
        if self.app_env != "production":
            return self
        secret = self.jwt_secret.get_secret_value() if self.jwt_secret else ""
        weak = len(secret) < WEAK_SECRET_LENGTH or len(set(secret)) < 8 or secret.lower().startswith(_KNOWN_SECRETS)
        if weak:
            raise ValueError(
                f"JWT_SECRET must be set in production to at least {WEAK_SECRET_LENGTH} random characters"
                " (make one with: openssl rand -hex 32)"
            )
        if self.auth_throttle == "off":
            raise ValueError("AUTH_THROTTLE=off is refused in production")
        return self

    @property
    def is_production(self) -> bool:
        return self.app_env == "production"

    @property
    def public_url(self) -> str:
        return self.web_url or f"http://localhost:{self.port}"

    @property
    def cors_origins(self) -> list[str]:
        """Origins a browser may call us from with credentials."""
        parts = urlsplit(self.public_url)
        origins = [f"{parts.scheme}://{parts.netloc}"]
        if not self.is_production:
            origins += ["http://localhost:3000"]
        return origins

    @cached_property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(part, strict=False) for part in self.trusted_proxies)

    @cached_property
    def payment_senders(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(part, strict=False) for part in self.yookassa_webhook_ips or _YOOKASSA_SENDERS)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.quota_timezone)

    def signing_secret(self) -> str:
        """JWT_SECRET, or in development one made once and kept in DATA_DIR (readable by its owner only)."""
        if self.jwt_secret is not None:
            return self.jwt_secret.get_secret_value()
        path = self.data_dir / "jwt_secret"
        fresh = secrets.token_hex(32)
        try:
            # Written aside and linked into place: of two processes that start at once both read the same whole secret.
            scratch = path.with_name(f"jwt_secret.{os.getpid()}")
            descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(fresh)
            try:
                os.link(scratch, path)
            finally:
                scratch.unlink()
        except FileExistsError:
            pass
        return path.read_text().strip()

    def prepare_data_dir(self) -> None:
        """Creates DATA_DIR; SettingsError where that is not possible."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise SettingsError(
                f"DATA_DIR {self.data_dir} cannot be created: {problem.strerror or problem}."
            ) from problem
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            raise SettingsError(
                f"DATA_DIR {self.data_dir.resolve()} is not writable for this user; choose another with DATA_DIR."
            )


def _http_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that starts with http:// or https://")
    return value.rstrip("/")


def _is_mail_server(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def load_settings() -> Settings:
    """Settings of this process; SettingsError with one clear sentence where they do not make sense."""
    try:
        return Settings()
    except ValidationError as problem:
        sentences = []
        for error in problem.errors():
            name = "_".join(str(part) for part in error["loc"][:1]).upper()
            reason = error["msg"].removeprefix("Value error, ")
            sentences.append(f"{name}: {reason}" if name else reason)
        raise SettingsError("The settings are not valid. " + "; ".join(sentences) + ".") from problem
