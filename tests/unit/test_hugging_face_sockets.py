"""Safety of asking Hugging Face again, each claim over real sockets with TLS on loopback."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from tests.unit.throwaway_tls import authority
from tools.misbehaving_hub import REFUSALS, RETRY_AFTER, Hub, running

from flakebot.hugging_face.addresses import addresses
from flakebot.hugging_face.head_requests import Answer, HeadRequests
from flakebot.hugging_face.hub import HuggingFace
from flakebot.hugging_face.sockets import MAX_TRIED, resolve
from flakebot.model import Category
from flakebot.records import CauseEntry, Fetch
from flakebot.retrying import Patience, TryAgainError
from flakebot.settings import Settings

CONFIG = "https://huggingface.co/org/model/resolve/main/config.json"
PUBLIC, OTHER = "18.154.227.7", "18.154.227.8"
STORE = "us.aws.cdn.hf.co"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of this machine for proxies and certificates do not count."""
    for name in ("HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@dataclass
class Net:
    """The internet as a test has it: names, and the ports of loopback behind their addresses."""

    roots: str
    names: dict[str, list[list[str]]]
    ports: dict[str, int] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    bounds: list[tuple[float, float]] = field(default_factory=list)
    clock: float = 0.0
    seconds: float = 30.0
    """Of a request; less where one is never answered."""

    def resolve(self, host: str) -> Sequence[str]:
        """The next answer for a name; the last one is for good."""
        self.looked_up.append(host)
        answers = self.names.get(host, [])
        if not answers:
            raise OSError(-2, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: tuple[str, int], timeout: float | None) -> socket.socket:
        """A connection to the port of loopback that stands for an address."""
        host, port = address
        assert port == 443
        self.dialled.append(host)
        if host not in self.ports:
            raise ConnectionRefusedError(111, "Connection refused")
        return socket.create_connection(("127.0.0.1", self.ports[host]), timeout)

    def session(self) -> requests.Session:
        """A session that trusts the throw-away authority."""
        session = requests.Session()
        session.verify = self.roots
        return session

    def transport(self) -> HeadRequests:
        """The real transport in this internet."""
        return HeadRequests(
            self.session, resolver=self.resolve, connect=self.connect, seconds=self.seconds
        )

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(seconds)
        self.clock += seconds

    def draw(self, low: float, high: float) -> float:
        """Note the bounds of the jitter, and take the longest wait."""
        self.bounds.append((low, high))
        return high

    def hub(self, *, token: str = "", attempts: int = 5, seconds: int = 300) -> HuggingFace:
        """Hugging Face in this internet, with a clock that only waiting moves."""
        return HuggingFace(
            Settings(retry_max_attempts=attempts, retry_max_seconds=seconds),
            token=token,
            transport=self.transport(),
            patience=Patience(
                seconds, sleep=self.sleep, uniform=self.draw, stopwatch=lambda: self.clock
            ),
        )


@contextmanager
def internet(folder: Path, *hubs: Hub, certified: str = "") -> Iterator[Net]:
    """Serve the first hub as huggingface.co, the second as a store it redirects to."""
    roots, context = authority(folder, certified or "huggingface.co", STORE)
    net = Net(str(roots), {"huggingface.co": [[PUBLIC]], STORE: [[OTHER]]})
    with ExitStack() as stack:
        for address, hub in zip((PUBLIC, OTHER), hubs, strict=False):
            net.ports[address] = stack.enter_context(running(hub, tls=context))
        yield net


def asked(net: Net, *, attempts: int = 5) -> Fetch:
    [fetch] = net.hub(attempts=attempts).ask([CONFIG])
    return fetch


def test_an_answer_over_tls_is_recovered(tmp_path: Path) -> None:
    """One lookup, one connection to the address that was checked, one HEAD."""
    hub = Hub()
    with internet(tmp_path, hub) as net:
        fetch = asked(net)
    assert (fetch.result, fetch.tries, fetch.seconds) == ("recovered", 1, 0)
    assert (net.looked_up, net.dialled) == (["huggingface.co"], [PUBLIC])
    assert hub.seen == [("HEAD", "/org/model/resolve/main/config.json", "")]


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        ("429-seconds", (RETRY_AFTER, RETRY_AFTER + 1)),
        ("429-date", (RETRY_AFTER - 2, RETRY_AFTER + 1)),
        ("429-limit", (RETRY_AFTER, RETRY_AFTER + 1)),
        ("429-sentence", (RETRY_AFTER, RETRY_AFTER + 1)),
        ("429", (0, 2)),
        *((status, (0, 2)) for status in ("408", "500", "502", "503", "504")),
        *((broken, (0, 2)) for broken in ("hang", "close", "reset")),
    ],
)
def test_what_may_pass_is_waited_out_once(
    tmp_path: Path, answer: str, wait: tuple[float, float]
) -> None:
    """As long as the answer asks for, or with jitter; the second request recovers."""
    hub = Hub(answers=[answer, "ok"])
    with internet(tmp_path, hub) as net:
        net.seconds = 0.5 if answer == "hang" else net.seconds
        fetch = asked(net)
        hub.closing.set()
    low, high = wait
    assert (fetch.result, fetch.tries) == ("recovered", 2)
    assert len(net.waits) == 1
    assert low <= net.waits[0] <= high
    assert len(hub.seen) == 2


def test_a_storm_is_outlasted_within_the_bounds(tmp_path: Path) -> None:
    """Four pauses, each drawn between nothing and twice the ceiling before, and no more."""
    hub = Hub(answers=["503", "500", "504", "502", "ok"])
    with internet(tmp_path, hub) as net:
        fetch = asked(net)
    assert (fetch.result, fetch.tries, fetch.seconds) == ("recovered", 5, 30)
    assert net.bounds == [(0, 2), (0, 4), (0, 8), (0, 16)]


def test_an_outage_costs_five_requests_and_half_a_minute(tmp_path: Path) -> None:
    """Then it is still failing; the same address is not asked again in this run."""
    hub = Hub(answers=["503"])
    with internet(tmp_path, hub) as net:
        bot = net.hub()
        first = bot.ask([CONFIG, CONFIG])
        assert bot.ask([CONFIG]) == first[:1]
    assert (first[0].result, len(hub.seen), sum(net.waits)) == ("failing", 5, 30)


def test_waiting_never_passes_the_seconds_of_a_run(tmp_path: Path) -> None:
    """All addresses together; what would pass the limit is not begun."""
    hub = Hub(answers=["429-seconds"])
    with internet(tmp_path, hub) as net:
        fetches = net.hub(seconds=100).ask([CONFIG, CONFIG.replace("model", "other")])
    assert [fetch.result for fetch in fetches] == ["failing", "failing"]
    assert sum(net.waits) == 2 * (RETRY_AFTER + 1)
    assert len(hub.seen) == 4


@pytest.mark.parametrize(
    "answer", ["401", "401-repository", "403", "403-gated", "404-repository", "404-revision"]
)
def test_what_cannot_pass_is_asked_once(tmp_path: Path, answer: str) -> None:
    """Also a gated model."""
    hub = Hub(answers=[answer])
    with internet(tmp_path, hub) as net:
        fetch = asked(net)
    assert (fetch.result, fetch.tries, net.waits) == ("permanent", 1, [])
    assert fetch.reason.startswith(f"HTTP {answer[:3]}: ")


def test_a_repository_without_the_file_is_there(tmp_path: Path) -> None:
    """The file may be the one flakebot chose; the answer says that only this one is missing."""
    with internet(tmp_path, Hub(answers=["404-entry"])) as net:
        fetch = asked(net)
    assert (fetch.result, fetch.reason) == (
        "recovered",
        "HTTP 404: the repository is there, without this file",
    )


def test_a_refused_token_is_settled_without_it(tmp_path: Path) -> None:
    """The second request is anonymous; an answer means that the token is at fault."""
    hub = Hub(answers=["401-credentials", "ok"])
    with internet(tmp_path, hub) as net:
        [fetch] = net.hub(token="hf_secret").ask([CONFIG])
    assert fetch.result == "ambiguous"
    assert [token for _, _, token in hub.seen] == ["Bearer hf_secret", ""]


def test_the_token_stays_with_huggingface_co(tmp_path: Path) -> None:
    """A store it redirects to does not see it."""
    hub, store = Hub(answers=["away"]), Hub()
    moved = {"Location": f"https://{STORE}/blob?signature=x"}
    with internet(tmp_path, hub, store) as net, refusals(away=(302, moved)):
        [fetch] = net.hub(token="hf_secret").ask([CONFIG])
    assert fetch.result == "recovered"
    assert [token for _, _, token in hub.seen] == ["Bearer hf_secret"]
    assert [token for _, _, token in store.seen] == [""]


@contextmanager
def refusals(**answers: tuple[int, dict[str, str]]) -> Iterator[None]:
    """Further answers that the server knows."""
    REFUSALS.update(answers)
    try:
        yield
    finally:
        for name in answers:
            del REFUSALS[name]


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/latest/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://huggingface.co:8443/x",
        "https://huggingface.co@evil.example/x",
        "//evil.example/x",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(tmp_path: Path, location: str) -> None:
    """No name is looked up for it and no connection made."""
    hub = Hub(answers=["away"])
    with internet(tmp_path, hub) as net, refusals(away=(302, {"Location": location})):
        fetch = asked(net)
    assert fetch.result == "ambiguous"
    assert fetch.reason.startswith("a redirect to an address that ")
    assert (net.looked_up, net.dialled) == (["huggingface.co"], [PUBLIC])


def test_every_hop_is_checked(tmp_path: Path) -> None:
    """The second hop leads away and is not followed, though the first was fine."""
    hub = Hub(answers=["near", "metadata"])
    with internet(tmp_path, hub) as net, refusals(near=(307, {"Location": "/moved"})):
        assert asked(net).result == "ambiguous"
    assert [path for _, path, _ in hub.seen] == ["/org/model/resolve/main/config.json", "/moved"]


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["10.0.0.8"], ["169.254.169.254"], ["::1"], ["fe80::1"], [PUBLIC, "10.0.0.8"],
     ["::ffff:10.0.0.8"], ["100.64.0.1"], []],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_refused(
    tmp_path: Path, found: list[str]
) -> None:
    """Also beside a public address; not one connection is made."""
    with internet(tmp_path, Hub()) as net:
        net.names["huggingface.co"] = [found]
        fetch = asked(net)
    assert fetch.result == "skipped"
    assert fetch.reason == "the name huggingface.co leads to an address that is not public"
    assert net.dialled == []


def test_a_name_that_changes_after_the_check_gains_nothing(tmp_path: Path) -> None:
    """The connection goes to the address that was checked; the name is not asked a second time."""
    with internet(tmp_path, Hub()) as net:
        net.names["huggingface.co"] = [[PUBLIC], ["127.0.0.1"]]
        assert asked(net).result == "recovered"
    assert (net.looked_up, net.dialled) == (["huggingface.co"], [PUBLIC])


def test_each_request_checks_anew(tmp_path: Path) -> None:
    """A name that leads elsewhere at the second try is refused then."""
    with internet(tmp_path, Hub(answers=["503", "ok"])) as net:
        net.names["huggingface.co"] = [[PUBLIC], ["127.0.0.1"]]
        assert asked(net).result == "skipped"
    assert net.dialled == [PUBLIC]


def test_a_redirect_to_a_name_in_a_private_network_is_refused(tmp_path: Path) -> None:
    """A host of Hugging Face is no excuse."""
    hub = Hub(answers=["away"])
    with internet(tmp_path, hub) as net, refusals(away=(302, {"Location": f"https://{STORE}/x"})):
        net.names[STORE] = [["192.168.0.1"]]
        assert asked(net).result == "skipped"
    assert net.dialled == [PUBLIC]


def test_a_dead_name_is_tried_again(tmp_path: Path) -> None:
    """Five lookups, no connection."""
    with internet(tmp_path) as net:
        net.names.clear()
        fetch = asked(net)
    assert (fetch.result, fetch.tries) == ("failing", 5)
    assert fetch.reason == "the name huggingface.co cannot be resolved"
    assert (net.looked_up, net.dialled) == (["huggingface.co"] * 5, [])


def test_the_second_address_of_a_name_serves_when_the_first_is_down(tmp_path: Path) -> None:
    """In one try."""
    with internet(tmp_path, Hub()) as net:
        net.names["huggingface.co"] = [[OTHER, PUBLIC]]
        fetch = asked(net)
    assert (fetch.result, fetch.tries, net.dialled) == ("recovered", 1, [OTHER, PUBLIC])


def test_a_name_with_many_dead_addresses_is_given_up(tmp_path: Path) -> None:
    """So that one request stays bounded."""
    with internet(tmp_path) as net:
        net.names["huggingface.co"] = [[f"18.154.227.{n}" for n in range(10)]]
        fetch = asked(net, attempts=1)
    assert (fetch.result, fetch.reason) == ("failing", "the connection failed or broke")
    assert len(net.dialled) == MAX_TRIED


def test_a_connection_that_is_not_made_in_time_is_tried_again(tmp_path: Path) -> None:
    """It counts as no answer."""
    with internet(tmp_path) as net:

        def slow(address: tuple[str, int], timeout: float | None) -> socket.socket:
            net.dialled.append(address[0])
            raise TimeoutError(f"timed out after {timeout}")

        head = HeadRequests(net.session, resolver=net.resolve, connect=slow, seconds=0.3)
        with pytest.raises(TryAgainError, match=r"no answer within 0\.3 s"):
            head(CONFIG, "")
    assert net.dialled == [PUBLIC]


@pytest.mark.parametrize("certified", ["evil.example", "huggingface.co.evil.example"])
def test_a_server_that_cannot_prove_its_name_sees_no_request(
    tmp_path: Path, certified: str
) -> None:
    """TLS asks for the name, though the connection goes to an address."""
    hub = Hub()
    with internet(tmp_path, hub, certified=certified) as net:
        [fetch] = net.hub(token="hf_secret").ask([CONFIG])
    assert (fetch.result, fetch.reason) == ("permanent", "its certificate is not trusted here")
    assert hub.seen == []


def test_a_tls_connection_that_breaks_is_tried_again(tmp_path: Path) -> None:
    """Whether during the handshake or after it."""
    with internet(tmp_path) as net, socket.create_server(("127.0.0.1", 0)) as server:
        net.ports[PUBLIC] = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            connection.recv(1)
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(TryAgainError):
            net.transport()(CONFIG, "")
        thread.join(5)


def test_no_body_is_read(tmp_path: Path) -> None:
    """A server that answers a HEAD with an endless body is left after the headers."""
    roots, context = authority(tmp_path, "huggingface.co")
    net = Net(str(roots), {"huggingface.co": [[PUBLIC]]})
    sent: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        net.ports[PUBLIC] = server.getsockname()[1]
        thread = threading.Thread(target=_flood, args=(server, context, sent))
        thread.start()
        assert net.transport()(CONFIG, "") == Answer(status=200)
        thread.join(10)
    assert not thread.is_alive()
    assert sum(sent) < 16 * 1024 * 1024


def _flood(server: socket.socket, context: ssl.SSLContext, sent: list[int]) -> None:
    """Send a body until nobody takes it; what the kernel buffers is all that leaves."""
    connection, _ = server.accept()
    with context.wrap_socket(connection, server_side=True) as tls:
        tls.recv(4096)
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        tls.settimeout(2)
        try:
            while sum(sent) < 64 * 1024 * 1024:
                sent.append(tls.send(b"x" * 65536))
        except OSError:
            return


def test_behind_a_proxy_names_are_the_proxys_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy looks the name up; a dead one is a connection that failed."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    head = HeadRequests(resolver=lambda _: ["10.0.0.1"], seconds=0.5)
    with pytest.raises(TryAgainError, match="the connection failed or broke"):
        head(CONFIG, "")


def test_the_systems_resolver_is_the_default() -> None:
    """Every address of a name is returned, so that none escapes the check."""
    assert "127.0.0.1" in resolve("localhost")


@pytest.mark.parametrize(
    "text",
    [
        "503 for url https://169.254.169.254/latest/resolve/main/meta-data",
        "503 for url http://127.0.0.1:8500/api/models/a/b/revision/main",
        "503 for url https://evil.example/a/b/resolve/main/config.json?token=x",
        "503 for url https://huggingface.co@evil.example/a/b/resolve/main/x.json",
    ],
)
def test_an_address_in_a_log_is_never_asked_itself(tmp_path: Path, text: str) -> None:
    """What a log names is looked for at Hugging Face, and nowhere else."""
    cause = CauseEntry(category=Category.HF_FETCH, rule="x", line=1, text=text, excerpt=())
    with internet(tmp_path, Hub()) as net:
        fetches = net.hub().ask(addresses([cause]))
    assert [fetch.result for fetch in fetches] == ["recovered"]
    assert set(net.looked_up) == {"huggingface.co"}
    assert net.dialled == [PUBLIC]
