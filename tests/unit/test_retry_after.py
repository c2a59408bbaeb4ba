"""How long a server asks to wait."""

import pytest

from flakebot.retry_after import seconds_to_wait

SENTENCE = (
    "429 Too Many Requests: you have reached your 'resolvers' rate limit. "
    "Retry after 47 seconds (0/3000 requests remaining in current 300s window)."
)
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:30:00 GMT", "Date": DATE}, 120.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:00:00 GMT", "Date": DATE}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:30:00 GMT"}, None),
        ({"Retry-After": "Wed, 21 Oct 2026 07:30:00", "Date": DATE}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": f"Wed, 21 Oct {'9' * 20} 07:30:00 GMT", "Date": DATE}, None),
        ({"RateLimit": '"resolvers";r=0;t=55'}, 55.0),
        ({"RateLimit": '"api";r=10;t=99, "resolvers"; r=0; t=55'}, 55.0),
        ({"RateLimit": '"resolvers";r=12;t=55'}, None),
        ({"RateLimit": '"resolvers";r=0'}, None),
        ({"RateLimit": "nonsense"}, None),
        ({"X-Error-Message": SENTENCE}, 47.0),
        ({"X-Error-Message": "Not Found"}, None),
        ({"Retry-After": "5", "RateLimit": '"api";r=0;t=55'}, 5.0),
    ],
)
def test_every_form_is_understood(headers: dict[str, str], expected: float | None) -> None:
    """Seconds, dates, rate limits and sentences are read, anything else asks for nothing."""
    assert seconds_to_wait(headers) == expected
