"""The emulator's own controls, in process and over HTTP, and its refusal to run where it must not."""

from __future__ import annotations

import pytest

from ai_chat.emulators.openrouter import DEFAULT_KEY, Emulator, EmulatorRefused, start
from ai_chat.emulators.openrouter.__main__ import parser
from ai_chat.emulators.openrouter.faults import FAULTS
from ai_chat.emulators.openrouter.knobs import KNOBS, UnknownKnob
from tests.emulators.client import MODEL, Client, Reply


async def control(client: Client, path: str, body: object = None, method: str = "POST") -> Reply:
    return await client.send(method, f"/_emulator/{path}", body)


@pytest.mark.parametrize("environ", [{"APP_ENV": "production"}, {"NODE_ENV": "Production"}, {"APP_ENV": " prod "}])
async def test_it_does_not_start_in_production(environ: dict[str, str]) -> None:
    with pytest.raises(EmulatorRefused, match="production"):
        await start(environ=environ)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", ""])
async def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(EmulatorRefused, match="loopback"):
        await start(host, environ={"APP_ENV": "test"})


async def test_two_emulators_know_nothing_of_each_other(emulator: Emulator) -> None:
    async with await start(environ={}) as second, Client(second.base_url, second.api_key) as client:
        second.admin.fault("http503")
        assert (await client.ask()).status == 503
        assert emulator.admin.requests() == []
        assert emulator.base_url != second.base_url


async def test_the_same_seed_gives_the_same_ids() -> None:
    ids = []
    for seed in (7, 7, 8):
        async with (
            await start(seed=seed, clock=lambda: 1_787_214_057.5, environ={}) as running,
            Client(running.base_url, running.api_key) as client,
        ):
            ids.append((await client.ask()).headers["x-generation-id"])
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("gen-1787214057-")


async def test_a_planned_fault_strikes_the_next_requests_only(emulator: Emulator, client: Client) -> None:
    emulator.admin.fault("http503", times=2)
    assert [(await client.ask()).status for _ in range(3)] == [503, 503, 200]


async def test_faults_are_used_up_in_order(emulator: Emulator, client: Client) -> None:
    emulator.admin.fault("http503")
    emulator.admin.fault("http429")
    assert [(await client.ask()).status for _ in range(3)] == [503, 429, 200]


async def test_a_fault_of_chat_leaves_the_listing_alone(emulator: Emulator, client: Client) -> None:
    emulator.admin.fault("http503")
    assert (await client.get("/models")).status == 200
    assert (await client.ask()).status == 503


async def test_a_fault_may_wait_for_its_model(emulator: Emulator, client: Client) -> None:
    emulator.admin.fault("http503", model="openai/gpt-4o", times=None)
    assert (await client.ask()).status == 200
    assert (await client.ask("openai/gpt-4o")).status == 503
    fallback = await client.ask("openai/gpt-4o", models=[MODEL])
    assert fallback.events[0].value["model"] == MODEL
    emulator.admin.clear_faults()
    assert (await client.ask("openai/gpt-4o")).status == 200


async def test_defaults_survive_until_the_reset(emulator: Emulator, client: Client) -> None:
    emulator.admin.knobs("text=echo;comments=0")
    assert (await client.ask(text="abc")).text == "abc"
    emulator.admin.reset()
    assert (await client.ask(text="abc")).text != "abc"


async def test_knobs_given_at_the_start_survive_the_reset() -> None:
    async with (
        await start(knobs="text=echo", environ={}) as running,
        Client(running.base_url, running.api_key) as client,
    ):
        running.admin.reset()
        assert (await client.ask(text="abc")).text == "abc"


async def test_the_nearest_layer_wins(emulator: Emulator, client: Client) -> None:
    emulator.admin.knobs("script=default")
    emulator.admin.fault("script=planned", times=None)
    assert (await client.ask()).text == "planned"
    header = {"X-Emulator-Fault": "script=header"}
    assert (await client.ask(headers=header)).text == "header"
    assert (await client.ask(f"{MODEL}+script=suffix", headers=header)).text == "suffix"


async def test_requests_are_recorded_with_headers_and_body(emulator: Emulator, client: Client) -> None:
    headers = {"HTTP-Referer": "https://chat.example", "X-OpenRouter-Title": "AI Chat"}
    await client.ask(user="u1", session_id="s1", headers=headers)
    await client.get("/models")
    [request] = emulator.admin.requests("/chat/completions")
    assert request.method == "POST"
    assert request.headers["http-referer"] == "https://chat.example"
    assert request.headers["x-openrouter-title"] == "AI Chat"
    assert isinstance(request.body, dict)
    assert (request.body["user"], request.body["session_id"]) == ("u1", "s1")
    assert [entry.path for entry in emulator.admin.requests()] == ["/api/v1/chat/completions", "/api/v1/models"]


async def test_refused_requests_are_recorded_too(emulator: Emulator, client: Client) -> None:
    await client.send("POST", "/chat/completions", b"{broken")
    assert emulator.admin.requests()[0].body == "{broken"


async def test_the_controls_work_over_http(client: Client) -> None:
    assert (await control(client, "faults", {"fault": "http429;retry_after=3"})).json() == {"ok": True}
    assert (await client.ask()).headers["retry-after"] == "3"
    await control(client, "faults", {"fault": "http503", "times": None, "model": MODEL})
    assert (await client.ask()).status == 503
    await control(client, "faults", method="DELETE")
    assert (await client.ask()).status == 200
    await control(client, "knobs", {"knobs": "text=echo"})
    assert (await client.ask(text="abc")).text == "abc"
    await control(client, "speed", {"tokens_per_second": 1000, "ttft_ms": 1, "seed": 2})
    assert len((await client.ask(text="a b c")).chunks) > 2
    recorded = (await control(client, "requests?path=/chat/completions", method="GET")).json()["data"]
    assert isinstance(recorded, list)
    assert len(recorded) == 5
    await control(client, "reset")
    assert (await control(client, "requests", method="GET")).json()["data"] == []


async def test_the_catalogue_is_changed_over_http(client: Client) -> None:
    body = {
        "bad_rows": ["price-minus-one"],
        "remove": {"openai/gpt-4o": [MODEL]},
        "prices": {MODEL: {"prompt": "0.1", "completion": "0.2"}},
        "variants": [f"{MODEL}+text=markdown"],
    }
    assert (await control(client, "catalogue", body)).status == 200
    rows = (await client.get("/models")).json()["data"]
    assert isinstance(rows, list)
    listed = {row["id"]: row for row in rows}
    assert "emulator/price-minus-one" in listed
    assert f"{MODEL}+text=markdown" in listed
    assert "openai/gpt-4o" not in listed
    assert listed[MODEL]["pricing"] == {"prompt": "0.1", "completion": "0.2"}
    everything = await control(client, "catalogue", {"bad_rows": True})
    assert everything.status == 200


async def test_account_clock_and_generations_over_http(client: Client) -> None:
    await control(client, "account", {"credits": "0.001", "key": {"limit": "1"}})
    assert (await client.ask()).status == 402
    await control(client, "account", {"credits": "5", "key": {"secret": "sk-or-v1-second"}})
    assert (await client.get("/key", "sk-or-v1-second")).status == 200
    assert (await control(client, "state", method="GET")).json() == {"active": 0, "balance": "5"}
    await control(client, "generations", {"seconds": 10})
    reply = await client.ask(max_tokens=5)
    assert (await client.get(f"/generation?id={reply.headers['x-generation-id']}")).status == 404
    await control(client, "clock", {"advance": 11})
    assert (await client.get(f"/generation?id={reply.headers['x-generation-id']}")).status == 200
    listed = (await control(client, "generations", method="GET")).json()["data"]
    assert isinstance(listed, list)
    assert listed[0]["outcome"] == "done"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"fault": "htp503"}),
        ("knobs", {"knobs": "sped=1"}),
        ("speed", {"tokens_per_second": "fast"}),
        ("catalogue", {"bad_rows": ["nothing"]}),
        ("catalogue", {"prices": {"acme/x": {"prompt": "1"}}}),
        ("account", {"credits": "much"}),
        ("clock", b"{"),
    ],
)
async def test_a_wrong_control_is_400(client: Client, path: str, body: object) -> None:
    assert (await control(client, path, body)).status == 400


def test_a_wrong_fault_in_process_raises(emulator: Emulator) -> None:
    with pytest.raises(UnknownKnob, match="unknown fault 'htp503'"):
        emulator.admin.fault("htp503")


async def test_the_knobs_describe_themselves(client: Client) -> None:
    described = (await control(client, "knobs", method="GET")).json()
    assert set(described) == {"knobs", "faults", "text"}
    help_text = parser().format_help()
    assert all(name in help_text for name in [*KNOBS, *FAULTS])


def test_the_command_line_has_sensible_defaults() -> None:
    arguments = parser().parse_args(["--port", "8787"])
    assert (arguments.host, arguments.port, arguments.speed) == ("127.0.0.1", 8787, 40)
    assert DEFAULT_KEY.startswith("sk-or-v1-")
