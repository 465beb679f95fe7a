"""Models rest after a refusal for key, credit or allowance, and open by themselves."""

from ai_chat.integrations.openrouter.circuit import FIRST_REST, LONGEST_REST, Circuit
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import FailureKind, UpstreamFailure


class Watch:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def refusal(kind: FailureKind, resets_at: float | None = None) -> UpstreamFailure:
    return UpstreamFailure(ErrorCode.UPSTREAM_UNAVAILABLE, "…", kind=kind, resets_at=resets_at)


def shut(circuit: Circuit) -> tuple[bool, bool]:
    return circuit.outage(free=False) is not None, circuit.outage(free=True) is not None


def test_without_credit_paid_models_rest_and_free_ones_go_on() -> None:
    circuit = Circuit(Watch())
    circuit.failed(refusal("no_credit"), free=False)
    assert shut(circuit) == (True, False)


def test_a_negative_balance_shuts_all() -> None:
    circuit = Circuit(Watch())
    circuit.failed(refusal("no_credit"), free=True)
    assert shut(circuit) == (True, True)


def test_a_key_that_is_not_accepted_shuts_all() -> None:
    circuit = Circuit(Watch())
    circuit.failed(refusal("bad_key"), free=False)
    assert shut(circuit) == (True, True)


def test_other_failures_shut_nothing() -> None:
    circuit = Circuit(Watch())
    circuit.failed(refusal("overloaded"), free=False)
    assert shut(circuit) == (False, False)


def test_it_opens_by_itself_and_rests_longer_each_time_up_to_a_limit() -> None:
    watch = Watch()
    circuit = Circuit(watch)
    rests = []
    for _ in range(6):
        circuit.failed(refusal("no_credit"), free=False)
        outage = circuit.outage(free=False)
        assert outage is not None
        rests.append(outage.until.timestamp() - watch.now)
        watch.now = outage.until.timestamp()
        assert shut(circuit) == (False, False)
    assert (rests[0], rests[1], rests[-1]) == (FIRST_REST, 2 * FIRST_REST, LONGEST_REST)


def test_an_answer_ends_the_trouble() -> None:
    watch = Watch()
    circuit = Circuit(watch)
    circuit.failed(refusal("no_credit"), free=False)
    circuit.answered(free=False)
    assert shut(circuit) == (False, False)
    circuit.failed(refusal("no_credit"), free=False)
    outage = circuit.outage(free=False)
    assert outage is not None
    assert outage.until.timestamp() == watch.now + FIRST_REST


def test_free_models_rest_until_the_provider_s_limit_opens() -> None:
    watch = Watch()
    circuit = Circuit(watch)
    circuit.failed(refusal("free_cap", resets_at=watch.now + 5000), free=True)
    assert shut(circuit) == (False, True)
    watch.now += 5000
    assert shut(circuit) == (False, False)


def test_without_a_time_or_with_an_impossible_one_they_rest_about_a_day_at_most() -> None:
    for reset in (None, 9e12):
        watch = Watch()
        circuit = Circuit(watch)
        circuit.failed(refusal("free_cap", resets_at=reset), free=True)
        outage = circuit.outage(free=True)
        assert outage is not None
        assert 0 < outage.until.timestamp() - watch.now <= 25 * 3600


def test_what_people_read_names_neither_money_nor_keys() -> None:
    circuit = Circuit(Watch())
    circuit.failed(refusal("no_credit"), free=True)
    for free in (True, False):
        outage = circuit.outage(free=free)
        assert outage is not None
        assert not any(word in outage.reason.lower() for word in ("credit", "pay", "key", "money"))
