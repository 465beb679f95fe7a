"""Who counts as one source of sign-ins, as proxies write it."""

import pytest

from ai_chat.features.accounts.throttle import _source


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("203.0.113.9", "ip:203.0.113.9"),
        ("203.0.113.9:51234", "ip:203.0.113.9"),
        ("203.0.113.9:1", "ip:203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "ip:2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3:4:5:6]:443", "ip:2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "ip:2001:db8:1:2::/64"),
        ("2001:db8::1", "ip:2001:db8::/64"),
        ("::1", "ip:::/64"),
        ("::ffff:203.0.113.9", "ip:203.0.113.9"),
        ("[::ffff:203.0.113.9]:5000", "ip:203.0.113.9"),
        ("", "ip:"),
        ("unknown", "ip:unknown"),
        ("[", "ip:["),
        ("a:b", "ip:a:b"),
    ],
)
def test_a_port_does_not_make_another_source(written: str, source: str) -> None:
    assert _source(written) == source
