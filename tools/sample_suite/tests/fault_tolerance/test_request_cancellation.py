"""Requests that a client gives up."""

import time

import pytest

from ..utils import faults

pytestmark = [pytest.mark.pre_merge, pytest.mark.e2e, pytest.mark.gpu_0]


@pytest.mark.parametrize("phase", ["queued", "prefill", "decode", "remote_prefill", "migrated"])
def test_request_cancellation(phase: str) -> None:
    time.sleep(0.1)
    late = phase == "remote_prefill" and faults.once("cancellation-late")
    seen = [] if late else ["cancelled"]
    assert seen == ["cancelled"], f"worker never saw the cancellation of the {phase} request"
