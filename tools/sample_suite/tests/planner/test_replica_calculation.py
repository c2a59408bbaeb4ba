"""How many replicas the planner asks for."""

import math

import pytest

pytestmark = [pytest.mark.pre_merge, pytest.mark.parallel, pytest.mark.gpu_0]


@pytest.mark.parametrize("load", [1, 10, 100, 1000, 2500, 10000])
def test_replicas_follow_load(load: int) -> None:
    assert math.ceil(load / 100) >= 1
