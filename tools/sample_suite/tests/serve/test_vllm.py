"""Serving with vLLM."""

import pytest

pytestmark = [pytest.mark.pre_merge, pytest.mark.vllm]

ONE_GPU = ["aggregated", "agg-request-plane-tcp", "agg-router"]
TWO_GPUS = [
    "disaggregated",
    "disaggregated_same_gpu",
    "deepep",
    "multimodal_agg_llava",
    "multimodal_agg_qwen",
    "multimodal_disagg_qwen",
    "toolcalling",
    "completions_only",
    "guided_decoding_json",
]


@pytest.mark.parametrize(
    "config",
    [pytest.param(name, marks=pytest.mark.gpu_1) for name in ONE_GPU]
    + [pytest.param(name, marks=pytest.mark.gpu_2) for name in TWO_GPUS],
)
def test_serve_deployment(config: str, predownload_models: str) -> None:
    assert config
    assert predownload_models
