"""Benchmarks: what a relayed token costs, beside relays written the usual way and measured in the same run.

`python -m bench --help`; what is measured and how to read it stands in docs/benchmarks.md. Everything runs on loopback:

load generator ─▶ the product, or a peer ─▶ mock upstream        each in processes of its own
"""
