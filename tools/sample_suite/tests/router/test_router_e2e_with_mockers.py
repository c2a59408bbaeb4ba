"""Router end to end, with mock workers."""

import pytest

from ..utils import faults
from .common import MockRouter, Runtime, verify_events, verify_prefix_reuse, verify_same_state

pytestmark = [pytest.mark.pre_merge, pytest.mark.parallel, pytest.mark.gpu_0]


@pytest.mark.parametrize("request_plane", ["tcp"])
def test_mocker_kv_router(request_plane: str) -> None:
    verify_events(MockRouter().send(4, fault=f"two-ranks-{request_plane}"))


@pytest.mark.parametrize(("use_bindings", "request_plane"), [(True, "tcp"), (False, "tcp")])
def test_kv_push_router_bindings(use_bindings: bool, request_plane: str) -> None:  # noqa: FBT001  (as dynamo has it)
    if use_bindings:
        Runtime().start()
    verify_prefix_reuse(MockRouter().send(len(request_plane)))


@pytest.mark.parametrize("planes", ["jetstream-nats"])
def test_router_decisions(planes: str) -> None:
    verify_prefix_reuse(MockRouter().send(len(planes), fault="prefix-split"))


@pytest.mark.parametrize("store", ["file"])
def test_indexers_sync(store: str) -> None:
    sent = 25 * len(MockRouter().send(len(store)))
    verify_same_state(sent, sent // 2 if faults.on("indexer-behind") else sent)
