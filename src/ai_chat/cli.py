"""The command line. On failure: exit code 1 and one clear sentence.

A command loads what it needs when it runs: the whole product takes seconds, which nobody shall wait who asks for the version, lists
accounts, or has mistyped a setting.
"""

import asyncio
import gc
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from ai_chat import __version__
from ai_chat.kernel.refusal import Refusal

if TYPE_CHECKING:
    from ai_chat.settings import Settings
    from ai_chat.storage.database import Database

Result = TypeVar("Result")

app = typer.Typer(
    name="ai-chat",
    help="AI Chat Platform: many AI models in one self-hosted chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
user_app = typer.Typer(help="Accounts: create, list, change the plan, block.", no_args_is_help=True)
app.add_typer(user_app, name="user")
promo_app = typer.Typer(help="Promo codes: add, list, end.", no_args_is_help=True)
app.add_typer(promo_app, name="promo")


def main() -> None:
    """Runs the command line; expected failures become one sentence on standard error."""
    os.umask(0o077)  # the database holds people's conversations: what we create is for this user only
    try:
        app()
    except Refusal as problem:
        sys.stderr.write(f"ai-chat: {problem}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _settings() -> "Settings":
    from ai_chat.settings import load_settings

    settings = load_settings()
    from ai_chat.kernel.logging import configure_logging

    configure_logging(level=settings.log_level, json_lines=settings.is_production)
    return settings


def _on_database(work: "Callable[[Database], Awaitable[Result]]") -> Result:
    settings = _settings()
    from ai_chat.commands.on_database import on_database

    return on_database(settings, work)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; PORT.", min=0, max=65535)] = None,
    workers: Annotated[
        int, typer.Option(help="Processes; more than one needs PostgreSQL and Redis.", min=1, max=64)
    ] = 1,
    *,
    reload: Annotated[bool, typer.Option("--reload", help="Restart when the code changes, for development.")] = False,
) -> None:
    """Serve the web app and the API."""
    changes: dict[str, object] = {}
    if host is not None:
        changes["host"] = host
    if port is not None:
        changes["port"] = port
    settings = _settings().model_copy(update=changes)
    gc.disable()  # its looking for cycles among all that is being loaded, again and again, is a sixth of the start
    from ai_chat.server import serve as serve_forever

    gc.enable()
    serve_forever(settings, workers=workers, reload=reload)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema (serve does so by itself)."""
    from ai_chat.storage.migrate import current_revision

    revision = _on_database(current_revision)
    typer.echo(f"The database is at revision {revision}, the newest.")


@app.command()
def models() -> None:
    """List the models this server offers, with prices in US dollars for a million tokens."""
    settings = _settings()
    from ai_chat.commands.models import models_table

    for line in asyncio.run(models_table(settings)):
        typer.echo(line)


@app.command()
def openapi() -> None:
    """Print the OpenAPI schema of the API."""
    from ai_chat.app import build_api
    from ai_chat.settings import Settings

    typer.echo(json.dumps(build_api(Settings.model_construct()).openapi(), indent=2, ensure_ascii=False))


@app.command()
def doctor() -> None:
    """Prove that the books are right: ledger, payments, Premium, reservations."""
    from ai_chat.commands import money

    for line in _on_database(money.doctor):
        typer.echo(line)


@app.command()
def mail() -> None:
    """List the newest letters, with their text; without SMTP_URL this is where they stay."""
    from ai_chat.commands import money

    for line in _on_database(money.letters):
        typer.echo(line)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


Email = Annotated[str, typer.Argument(help="E-mail address of the account.")]


@user_app.command("create")
def user_create(
    email: Email,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    full_name: Annotated[str | None, typer.Option(help="Name to show.")] = None,
) -> None:
    """Create an account."""
    from ai_chat.commands import users

    created = _on_database(lambda database: users.create(database, email, password, full_name))
    typer.echo(f"Created {created}.")


@user_app.command("list")
def user_list() -> None:
    """List all accounts."""
    from ai_chat.commands import users

    for line in _on_database(users.table):
        typer.echo(line)


@user_app.command("set-plan")
def user_set_plan(
    email: Email,
    plan: Annotated[Literal["free", "premium"], typer.Argument(help="The plan from now on.")],
    until: Annotated[datetime | None, typer.Option(help="Last moment of premium, UTC; without it, for ever.")] = None,
) -> None:
    """Put an account on a plan without a payment."""
    from ai_chat.commands import users

    moment = until.replace(tzinfo=UTC) if until is not None else None
    _on_database(lambda database: users.set_plan(database, email, plan, moment))
    typer.echo(f"{email} is on the {plan} plan.")


@user_app.command("role")
def user_role(
    email: Email, role: Annotated[Literal["user", "admin"], typer.Argument(help="What the account may do from now on.")]
) -> None:
    """Make an account an administrator's, or an ordinary one again; it must sign in anew."""
    from ai_chat.commands import users

    _on_database(lambda database: users.set_role(database, email, role))
    typer.echo(f"{email} is now {'an administrator' if role == 'admin' else 'an ordinary user'}.")


@user_app.command("set-password")
def user_set_password(
    email: Email, password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]
) -> None:
    """Give an account a new password and end its sessions."""
    from ai_chat.commands import users

    _on_database(lambda database: users.set_password(database, email, password))
    typer.echo(f"The password of {email} is changed; every device must sign in again.")


@user_app.command("block")
def user_block(email: Email) -> None:
    """Block an account: its sessions end, it cannot sign in."""
    from ai_chat.commands import users

    _on_database(lambda database: users.block(database, email, blocked=True))
    typer.echo(f"{email} is blocked.")


@user_app.command("unblock")
def user_unblock(email: Email) -> None:
    """Let a blocked account in again."""
    from ai_chat.commands import users

    _on_database(lambda database: users.block(database, email, blocked=False))
    typer.echo(f"{email} may sign in again.")


@promo_app.command("add")
def promo_add(
    code: Annotated[str, typer.Argument(help="The word people type.")],
    percent: Annotated[int, typer.Option(min=0, max=100, help="Percent off the first period.")] = 0,
    roubles: Annotated[int, typer.Option(min=0, help="Roubles off the first period.")] = 0,
    days: Annotated[int, typer.Option(min=0, max=3660, help="Days of Premium for nothing.")] = 0,
    uses: Annotated[int | None, typer.Option(min=1, help="How many people may use it; without it, any number.")] = None,
    period: Annotated[Literal["month", "year"] | None, typer.Option(help="Only for this period.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Its last moment, UTC.")] = None,
) -> None:
    """Add a promo code."""
    from ai_chat.commands import money

    last = until.replace(tzinfo=UTC) if until is not None else None
    added = _on_database(
        lambda database: money.add_promo(
            database, code, percent=percent, roubles=roubles, days=days, uses=uses, period=period, until=last
        ),
    )
    typer.echo(f"{added} can be used.")


@promo_app.command("list")
def promo_list() -> None:
    """List all promo codes."""
    from ai_chat.commands import money

    for line in _on_database(money.promos):
        typer.echo(line)


@promo_app.command("end")
def promo_end(code: Annotated[str, typer.Argument(help="The code.")]) -> None:
    """Let nobody use a promo code any more."""
    from ai_chat.commands import money

    _on_database(lambda database: money.end_promo(database, code))
    typer.echo(f"{code} can no longer be used.")
