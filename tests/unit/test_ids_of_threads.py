"""Ids are made on the event loop and on the database's threads."""

from concurrent.futures import ThreadPoolExecutor

from ai_chat.kernel.ids import new_id


def test_each_thread_s_ids_grow_and_none_is_made_twice() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: [new_id() for _ in range(2_000)], range(8)))
    assert all(ids == sorted(ids) for ids in made)
    assert len({(found.int >> 64) for ids in made for found in ids}) == 16_000
