"""What is counted: each metric once, by its labels."""

import pytest

from ai_chat.kernel.metrics import Metric, all_metrics, counter


def test_a_metric_without_labels_is_there_from_the_start() -> None:
    metric = Metric("a_total", "…", "counter", ())
    assert metric.values == {(): 0.0}
    metric.add(2)
    assert metric.value() == 2


def test_each_combination_of_labels_is_counted_by_itself() -> None:
    metric = Metric("b_total", "…", "counter", ("source", "kind"))
    metric.add(1, "openrouter", "timeout")
    metric.add(1, "openrouter", "timeout")
    metric.add(1, "local", "timeout")
    assert metric.values == {("openrouter", "timeout"): 2, ("local", "timeout"): 1}
    assert metric.value("never", "seen") == 0


def test_a_gauge_is_what_it_was_set_to() -> None:
    metric = Metric("c", "…", "gauge", ("source",))
    metric.set(3, "openrouter")
    metric.set(1, "openrouter")
    assert metric.value("openrouter") == 1


def test_wrong_labels_are_noticed_where_they_are_counted() -> None:
    with pytest.raises(ValueError, match="labels"):
        Metric("d_total", "…", "counter", ("source",)).add(1)


def test_names_are_declared_once_and_listed_in_order() -> None:
    counter("zz_test_names_total", "…")
    with pytest.raises(ValueError, match="twice"):
        counter("zz_test_names_total", "…")
    names = [metric.name for metric in all_metrics()]
    assert names == sorted(names)
    assert "zz_test_names_total" in names
