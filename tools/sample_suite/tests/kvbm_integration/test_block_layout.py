"""Layout of KV blocks."""

import time

import pytest

pytestmark = [pytest.mark.pre_merge, pytest.mark.parallel, pytest.mark.gpu_0]


@pytest.mark.parametrize("layers", [1, 2, 32])
@pytest.mark.parametrize("kind", ["fully_contiguous", "layer_separate"])
def test_block_layout(layers: int, kind: str) -> None:
    time.sleep(0.03)
    assert layers * len(kind) > 0
