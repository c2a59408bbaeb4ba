"""Router end to end, with SGLang workers in processes of their own."""

import time
from collections.abc import Iterator

import pytest

from ..utils import faults
from ..utils.managed_process import ManagedProcess
from .common import MockRouter, verify_prefix_reuse

pytestmark = [pytest.mark.pre_merge, pytest.mark.gpu_1, pytest.mark.sglang]


@pytest.fixture
def sglang_worker() -> Iterator[ManagedProcess]:
    with ManagedProcess() as process:
        yield process


@pytest.mark.parametrize("request_plane", ["nats", "tcp"])
@pytest.mark.parametrize("page_size", [1, 16, 64])
def test_sglang_page_size(request_plane: str, page_size: int) -> None:
    verify_prefix_reuse(MockRouter().send(len(request_plane) + page_size))


@pytest.mark.timeout(3)
@pytest.mark.parametrize("request_plane", ["nats", "tcp"])
def test_sglang_kv_router_basic(request_plane: str, sglang_worker: ManagedProcess) -> None:
    assert sglang_worker.process.pid > 0
    while request_plane == "tcp" and faults.on("worker-never-ends"):
        time.sleep(0.1)


@pytest.mark.parametrize("request_plane", ["nats", "tcp"])
def test_sglang_indexers_sync(request_plane: str) -> None:
    verify_prefix_reuse(MockRouter().send(len(request_plane)))


@pytest.mark.parametrize("stage", ["decode"])
def test_sglang_disaggregated(stage: str) -> None:
    verify_prefix_reuse(MockRouter().send(len(stage)))
