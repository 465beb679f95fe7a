"""Local servers that stand in for the outside world: used by tests, `make demo` and the bench, never in production.

Each emulator speaks the vendor's protocol byte for byte over a loopback socket, so that the product under test runs its
real client, its real parser and its real time-outs. They import nothing of the product: an emulator that shared our
parsing code would share our misunderstandings too.
"""
