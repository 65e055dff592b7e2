"""Times as a dispatcher reads them."""

import pytest

from delivery.batcher.said import clock, minutes


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (17 * 3600 + 5 * 60, "17:05"),
        (17 * 3600 + 5 * 60 + 1, "17:06"),
        (86_400, "24:00"),
        (86_401, "0:01 am Folgetag"),
        (28 * 3600 + 16 * 60, "4:16 am Folgetag"),
        (50 * 3600, "2 Tage später"),
    ],
)
def test_a_time_after_midnight_is_one_of_the_next_day(seconds: int, text: str) -> None:
    assert clock(seconds) == text


def test_a_minute_that_has_begun_counts_and_one_is_no_plural() -> None:
    assert [minutes(seconds) for seconds in (1, 60, 61, 3_000)] == ["1 Minute", "1 Minute", "2 Minuten", "50 Minuten"]
