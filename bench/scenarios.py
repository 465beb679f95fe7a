"""What is asked of the servers, and of which."""

from dataclasses import dataclass, replace

from bench.product import Product, ProductOnPostgres, ProductOnPostgresAndRedis, ProductWithLongChats
from bench.targets import FastApiHttpx, Nginx, NodeRelay, Target
from bench.wire import Speed

PEERS: tuple[type[Target], ...] = (FastApiHttpx, NodeRelay, Nginx)
TWINS: tuple[type[Target], ...] = (ProductOnPostgres, ProductOnPostgresAndRedis)


@dataclass(frozen=True)
class Scenario:
    """`streams` answers of one speed, asked for evenly over `spread` seconds."""

    name: str
    streams: int
    speed: Speed
    targets: tuple[type[Target], ...]
    spread: float = 1.0
    rounds: int = 3

    @property
    def timeout(self) -> float:
        """Nothing waits longer for an answer."""
        return self.speed.seconds * 3 + 30

    def quick(self) -> "Scenario":
        """The same in a fifth of the time, once: to see that everything works."""
        speed = Speed(self.speed.rate, max(1, self.speed.tokens // 5))
        return replace(self, speed=speed, rounds=1)

    def repeated(self, rounds: int) -> "Scenario":
        return replace(self, rounds=rounds)


DEFAULT = (Scenario("100 streams x 50 tokens/s", 100, Speed(50, 500), (Product, *PEERS)),)

FULL = (
    *DEFAULT,
    Scenario("100 x 50, other databases", 100, Speed(50, 500), (Product, *TWINS)),
    Scenario("500 streams x 50 tokens/s", 500, Speed(50, 500), (Product, *PEERS), rounds=2),
    Scenario("50 x 1,000 tokens at once", 50, Speed(0, 1000), (Product, *PEERS), spread=0.5, rounds=5),
    Scenario("1,000 streams x 50 tokens/s", 1000, Speed(50, 2000), (Product,), spread=20.0, rounds=1),
    Scenario("3,000 streams x 10 tokens/s", 3000, Speed(10, 600), (Product,), spread=40.0, rounds=1),
    Scenario("burst: 500 sends in a second", 500, Speed(50, 50), (Product, ProductOnPostgres), rounds=2),
    Scenario("sends alone: 300 one-token answers", 300, Speed(0, 1), (Product, *TWINS), spread=3.0, rounds=2),
    Scenario("100 x 50 with Redis and without", 100, Speed(50, 500), TWINS),
    Scenario("50 sends into chats of 2,000 messages", 50, Speed(0, 1), (Product, ProductWithLongChats), rounds=5),
)
