# mypy: disable-error-code="import-not-found"
"""Fixtures of the toy suite."""

import os

import pytest
from huggingface_hub import hf_hub_download

MODEL = os.environ.get("DYNAMO_TEST_MODEL", "Qwen/Qwen3-0.6B")


@pytest.fixture(scope="session")
def predownload_models() -> str:
    """Fetch what the serving tests need, once for the session."""
    try:
        hf_hub_download(MODEL, "config.json")
    except Exception as error:
        raise RuntimeError(f"Failed to fetch model '{MODEL}' from HuggingFace") from error
    return MODEL
