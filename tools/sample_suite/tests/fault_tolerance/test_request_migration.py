"""Requests that move to another worker."""

import time

import pytest

pytestmark = [pytest.mark.pre_merge, pytest.mark.parallel, pytest.mark.gpu_0]


@pytest.mark.parametrize("request_plane", ["nats", "tcp"])
@pytest.mark.parametrize("end", ["failure", "graceful_shutdown", "limit_reached"])
def test_request_migration(request_plane: str, end: str) -> None:
    time.sleep(0.05)
    assert request_plane
    assert end
