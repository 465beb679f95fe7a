"""When the indexer looks again: at its ease, in a backlog half of the time, and under load a tenth of it."""

import pytest

from ai_chat.features.search.indexer import _pause


@pytest.mark.parametrize(
    ("took", "share", "more", "pause"),
    [
        (0.01, 0.1, False, 1.0),
        (0.3, 0.5, True, 0.3),
        (0.3, 0.9, True, 2.7),
        (0.01, 0.9, False, 1.0),
    ],
)
def test_it_rests_while_others_need_the_processor(took: float, share: float, pause: float, *, more: bool) -> None:
    assert _pause(took, share, more=more) == pytest.approx(pause)
