"""Serving with TensorRT-LLM."""

import pytest

pytestmark = [pytest.mark.pre_merge, pytest.mark.gpu_1, pytest.mark.trtllm]


@pytest.mark.parametrize("config", ["aggregated", "disaggregated", "aggregated_router"])
def test_deployment(config: str) -> None:
    assert config
