"""Charts of what was measured."""

from charts import seeds


def test_every_seed_is_a_point_and_the_mean_is_written() -> None:
    axes = seeds({"a": [0.991, 0.991, 0.994], "b": [0.9]}, {"x": 0.95}, "seeds").axes[0]
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in points] == [3, 1]  # type: ignore[arg-type]
    equal = list(zip(*points[0].get_data(), strict=True))[:2]
    assert equal[0] != equal[1], "equal runs hide each other"
    assert {text.get_text() for text in axes.texts} == {"99.20 %", "90.00 %", "x, 95.00 %"}
