"""Settings come from the environment first, and what is unsafe in production is refused in one sentence."""

from pathlib import Path

import pytest

from ai_chat.settings import Settings, SettingsError, load_settings

GOOD_SECRET = "0f3a9c5d7e1b2468ace013579bdf2468ace0"


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No .env but the test's own."""
    monkeypatch.chdir(tmp_path)
    for name in ("PORT", "HOST", "WEB_URL", "LOG_LEVEL", "TRUSTED_PROXIES", "LOCAL_MODEL", "AUTH_THROTTLE", "DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("JWT_SECRET", GOOD_SECRET)


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings()
    return str(refused.value)


def test_without_any_setting_the_contracts_defaults_hold() -> None:
    settings = load_settings()
    assert (settings.port, settings.host, settings.app_env) == (3001, "0.0.0.0", "development")
    assert settings.data_dir == Path("data")
    assert (settings.database_url, settings.redis_url, settings.openrouter_api_key) == (None, None, None)
    assert settings.openrouter_base_url == "https://openrouter.ai/api/v1"
    assert (settings.default_locale, settings.quota_timezone) == ("ru", "Europe/Moscow")
    assert settings.public_url == "http://localhost:3001"


@pytest.mark.usefixtures("production")
def test_a_good_secret_is_enough_for_production() -> None:
    assert load_settings().is_production


@pytest.mark.parametrize(
    "secret",
    [
        None,
        "",
        "short",
        "a" * 64,
        "abababababababababababababababababab",
        "changeme-changeme-changeme-changeme-0123456789",
        "your-secret-key-that-is-very-long-0123456789abcdef",
        "SECRET0123456789abcdef0123456789abcdef",
        GOOD_SECRET[:31],
    ],
)
def test_production_refuses_a_missing_or_weak_secret(secret: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    if secret is not None:
        monkeypatch.setenv("JWT_SECRET", secret)
    sentence = refusal()
    assert "JWT_SECRET must be set in production" in sentence
    assert "openssl rand" in sentence
    if secret:
        assert secret not in sentence


@pytest.mark.usefixtures("production")
def test_production_refuses_to_lift_the_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_THROTTLE", "off")
    assert "AUTH_THROTTLE=off is refused in production" in refusal()


def test_development_may_lift_the_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_THROTTLE", "off")
    assert load_settings().auth_throttle == "off"


def test_node_env_is_an_alias_of_app_env(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_ENV", "production")
    assert "JWT_SECRET" in refusal()
    monkeypatch.setenv("JWT_SECRET", GOOD_SECRET)
    assert load_settings().is_production


def test_app_env_wins_over_its_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "development")
    monkeypatch.setenv("NODE_ENV", "production")
    assert not load_settings().is_production


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "DATABASE_URL", "REDIS_URL", "OPENROUTER_API_KEY", "WEB_URL", "JWT_SECRET", "APP_ENV"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert settings.port == 3001
    assert (settings.database_url, settings.redis_url, settings.openrouter_api_key, settings.web_url) == (None,) * 4


def test_an_env_file_is_read(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("PORT=4000\nBRAND_NAME=Чат\n", encoding="utf-8")
    settings = load_settings()
    assert (settings.port, settings.brand_name) == (4000, "Чат")


def test_a_real_variable_beats_the_env_file(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_folder / ".env").write_text("PORT=4000\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "5000")
    assert load_settings().port == 5000


def test_a_real_alias_beats_the_env_file(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_folder / ".env").write_text("APP_ENV=development\n", encoding="utf-8")
    monkeypatch.setenv("NODE_ENV", "production")
    monkeypatch.setenv("JWT_SECRET", GOOD_SECRET)
    assert load_settings().is_production


def test_a_variable_that_is_not_ours_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_CHAT_SOMETHING", "x")
    assert load_settings().port == 3001


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("APP_ENV", "staging"),
        ("LOG_LEVEL", "loud"),
        ("LOCAL_MODEL", "maybe"),
        ("DEFAULT_LOCALE", "de"),
        ("QUOTA_TIMEZONE", "Mars/Olympus"),
        ("QUOTA_TIMEZONE", "../../etc/passwd"),
        ("WEB_URL", "chat.example.com"),
        ("WEB_URL", "ftp://chat.example.com"),
        ("OPENROUTER_BASE_URL", "http://"),
        ("OUTBOUND_PROXY", "socks5://proxy:1080"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, nonsense"),
        ("OPENAI_COMPATIBLE_TIER", "gold"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    sentence = refusal()
    assert sentence.startswith("The settings are not valid.")
    assert name in sentence
    assert "\n" not in sentence
    assert "pydantic" not in sentence


def test_two_wrong_values_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("LOCAL_MODEL", "x")
    sentence = refusal()
    assert "PORT" in sentence
    assert "LOCAL_MODEL" in sentence


def test_trusted_proxies_are_networks_and_single_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", " 10.1.2.3/8 ,127.0.0.1,, fd00::/8 ")
    assert [str(network) for network in load_settings().proxy_networks] == ["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"]


def test_log_level_may_be_written_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    assert load_settings().log_level == "warning"


def test_addresses_lose_their_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_URL", "https://chat.example.com/")
    monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", "http://localhost:11434/v1/")
    settings = load_settings()
    assert settings.public_url == "https://chat.example.com"
    assert settings.openai_compatible_base_url == "http://localhost:11434/v1"


def test_cors_allows_the_origin_of_the_web_app_and_in_development_its_dev_server() -> None:
    assert Settings(_env_file=None, web_url="https://chat.example.com/app").cors_origins == [
        "https://chat.example.com",
        "http://localhost:3000",
    ]


@pytest.mark.usefixtures("production")
def test_production_allows_only_its_own_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_URL", "https://chat.example.com")
    assert load_settings().cors_origins == ["https://chat.example.com"]


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", GOOD_SECRET)
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:hunter2@db/app")
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-hunter2")
    shown = repr(load_settings())
    assert GOOD_SECRET not in shown
    assert "hunter2" not in shown


def test_the_proxys_password_is_not_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PROXY", "http://user:hunter2@proxy:3128/")
    settings = load_settings()
    assert "hunter2" not in repr(settings)
    assert settings.outbound_proxy is not None
    assert settings.outbound_proxy.get_secret_value() == "http://user:hunter2@proxy:3128"


@pytest.mark.parametrize("url", ["mail.example.com:587", "http://mail.example.com", "smtp://", "smtp://mail:port"])
def test_a_mail_server_s_address_that_makes_no_sense_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SMTP_URL", url)
    said = refusal()
    assert "SMTP_URL: must look like" in said
    assert "mail.example.com" not in said
