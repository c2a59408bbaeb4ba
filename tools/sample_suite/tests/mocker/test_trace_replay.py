"""Replaying request traces against mock workers."""

import time

import pytest

from ..utils import faults

pytestmark = [pytest.mark.pre_merge, pytest.mark.parallel, pytest.mark.gpu_0]


@pytest.mark.parametrize("trace", ["steady", "burst", "ramp", "idle", "mixed", "conversation"])
def test_replay_token_counts(trace: str) -> None:
    time.sleep(0.05)
    record = {} if trace == "conversation" and faults.on("trace-format") else {"hash_ids": [1]}
    assert record["hash_ids"]
    off_by = 1 if trace == "burst" and faults.on("replay-off-by-one") else 0
    counted = {"prompt": 512, "completion": 128 - off_by}
    assert counted == {"prompt": 512, "completion": 128}
