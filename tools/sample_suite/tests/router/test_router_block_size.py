"""Block sizes of the router."""

import pytest

from .common import MockRouter, verify_prefix_reuse

pytestmark = [pytest.mark.pre_merge, pytest.mark.parallel, pytest.mark.gpu_0]


@pytest.mark.parametrize("block_size", [16, 32, 64])
def test_block_size_matches_worker(block_size: int) -> None:
    verify_prefix_reuse(MockRouter().send(block_size))
