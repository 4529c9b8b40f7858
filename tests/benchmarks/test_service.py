"""A service under load: what is counted of its answers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service import Picture, Service, answered

DARK = (Path(__file__).parents[1] / "golden" / "dark.png").read_bytes()  # a 2


def test_every_picture_of_every_answer_is_compared() -> None:
    work = [Picture(DARK, "2", "2"), Picture(DARK, "7", "7")]  # the second is not what it is said
    service = Service("--workers", "1")
    try:
        with ThreadPoolExecutor(1) as pool:  # tests in a browser leave a loop in this thread
            loads = [(together, 2, 0.5) for together in (1, 2)]
            rows = [pool.submit(answered, service.port, work, *each).result() for each in loads]
    finally:
        service.end()
    for together, row in enumerate(rows, 1):
        count = row["statuses"].pop("200") * together
        assert (row["statuses"], row["lost"]) == ({}, 0)
        assert abs(row["wrong"] - count / 2) <= 1
        assert row["right_share"] == pytest.approx(1 - row["wrong"] / count, abs=1e-4)
        requests = row["requests_per_second"]
        assert row["pictures_per_second"] == pytest.approx(requests * together, abs=0.2)
