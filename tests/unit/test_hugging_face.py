"""Asking Hugging Face again, over HTTP against a server on loopback that fails by script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from flakebot.errors import InputError
from flakebot.hugging_face.head_requests import Answer, HeadRequests, SettledError, again
from flakebot.hugging_face.hub import MAX_ADDRESSES, HuggingFace
from flakebot.hugging_face.scripted import ScriptedHub
from flakebot.retrying import Patience, TryAgainError
from flakebot.settings import Settings

CONFIG = "https://huggingface.co/org/model/resolve/main/config.json"
Reply = tuple[int, dict[str, str]] | str


@dataclass
class Clock:
    """A clock that only waiting moves on."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    bounds: list[tuple[float, float]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Note the wait and return."""
        self.waits.append(seconds)
        self.now += seconds

    def draw(self, low: float, high: float) -> float:
        """Note the bounds and take the longest wait."""
        self.bounds.append((low, high))
        return high

    def patience(self, seconds: float = 300) -> Patience:
        """A budget that waits by this clock."""
        return Patience(seconds, sleep=self.sleep, uniform=self.draw, stopwatch=lambda: self.now)


@dataclass
class Server:
    """What a server answers, one reply after the other, the last for good, and what it was
    asked.
    """

    replies: list[Reply]
    origin: str = ""
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(*replies: Reply) -> Iterator[Server]:
    """A server on loopback: `hang` never answers, `drip` never ends, `reset` hangs up."""
    server = Server(replies=list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            server.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
            reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
            if isinstance(reply, str):
                if reply == "hang":
                    server.released.wait(30)
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: " if reply == "drip" else b"")
                while reply == "drip" and not server.released.wait(0.05):
                    self.wfile.write(b".")
                self.close_connection = True
                return
            status, headers = reply
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text.replace("ORIGIN", server.origin))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.origin = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            http.shutdown()
            thread.join()


def hub_on(server: Server, clock: Clock, settings: Settings | None = None) -> HuggingFace:
    """Hugging Face at the server's origin; what never answers is given up soon, and nothing else,
    however busy the machine.
    """
    settings = settings or Settings()
    stalls = {"hang", "drip"} & {reply for reply in server.replies if isinstance(reply, str)}
    return HuggingFace(
        settings,
        transport=HeadRequests(seconds=0.5 if stalls else 30),
        patience=clock.patience(settings.retry_max_seconds),
        trusted_origins=[server.origin],
    )


def ask(server: Server, clock: Clock, settings: Settings | None = None) -> tuple[str, int, str]:
    """Result, tries and reason of asking the server for one file."""
    [fetch] = hub_on(server, clock, settings).ask([f"{server.origin}/m/resolve/main/config.json"])
    return fetch.result, fetch.tries, fetch.reason


def test_an_address_that_answers_is_recovered_at_once() -> None:
    """One HEAD request, no wait, no token to another host."""
    clock = Clock()
    with serving((200, {})) as server:
        assert ask(server, clock) == ("recovered", 1, "HTTP 200")
    assert server.seen == [("HEAD", "/m/resolve/main/config.json", "")]
    assert clock.waits == []


def test_a_storm_of_5xx_is_outlasted_with_growing_jitter() -> None:
    """Pauses are drawn between nothing and a ceiling that doubles."""
    clock = Clock()
    with serving((500, {}), (502, {}), (503, {}), (504, {}), (200, {})) as server:
        assert ask(server, clock) == ("recovered", 5, "HTTP 200")
    assert clock.bounds == [(0, 2), (0, 4), (0, 8), (0, 16)]
    assert clock.waits == [2, 4, 8, 16]


def test_a_storm_that_does_not_end_is_given_up() -> None:
    """The attempts of the settings are all that is asked."""
    clock = Clock()
    with serving((503, {})) as server:
        assert ask(server, clock, Settings(retry_max_attempts=3)) == ("failing", 3, "HTTP 503")
    assert len(server.seen) == 3
    assert clock.waits == [2, 4]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 8),
        ({"RateLimit": '"resolvers";r=0;t=55'}, 56),
        ({"X-Error-Message": "Retry after 47 seconds (0/3000 requests remaining)."}, 48),
        ({}, 2),
    ],
)
def test_a_rate_limit_is_waited_out(headers: dict[str, str], wait: float) -> None:
    """As long as the answer asks, and up to a second more; else by back-off."""
    clock = Clock()
    with serving((429, headers), (200, {})) as server:
        assert ask(server, clock) == ("recovered", 2, "HTTP 200")
    assert clock.waits == [wait]


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    """Waiting in vain helps nobody: it is given up at once, with the reason."""
    clock = Clock()
    with serving((429, {"Retry-After": "400"}), (200, {})) as server:
        expected = ("failing", 1, "HTTP 429; it asks to wait 400 s, too long")
        assert ask(server, clock) == expected
    assert clock.waits == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("hang", "no answer within 0.5 s"),
        ("drip", "no whole answer within 2 s"),
        ("reset", "the connection failed or broke"),
    ],
)
def test_no_answer_is_tried_again(reply: str, reason: str) -> None:
    """A hang is cut off and a reset forgiven, until the attempts are used up."""
    clock = Clock()
    with serving(reply) as server:
        settings = Settings(retry_max_attempts=2)
        assert ask(server, clock, settings) == ("failing", 2, reason)
        server.replies[:] = [reply, (200, {})]
        assert ask(server, clock, settings) == ("recovered", 2, "HTTP 200")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "HTTP 401: a token is missing or refused, or there is no such repository"),
        (403, "HTTP 403: access is forbidden or gated"),
        (404, "HTTP 404: there is no such repository, revision or file"),
        (418, "HTTP 418: refused"),
    ],
)
def test_a_refusal_is_permanent(status: int, reason: str) -> None:
    """What will not change is asked once."""
    clock = Clock()
    with serving((status, {})) as server:
        assert ask(server, clock) == ("permanent", 1, reason)


def test_redirects_are_followed_and_checked() -> None:
    """Three hops at most; a relative one stays on the host."""
    clock = Clock()
    hop = (307, {"Location": "/moved"})
    with serving(hop, hop, hop, (200, {})) as server:
        assert ask(server, clock) == ("recovered", 1, "HTTP 200")
        server.replies[:] = [hop]
        assert ask(server, clock) == ("ambiguous", 1, "more than 3 redirects")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data", "is not plain https"),
        ("https://169.254.169.254/latest/meta-data", "is not on a host of Hugging Face"),
        ("https://user@huggingface.co/a", "is not plain https"),
        ("//evil.example/a", "is not plain https"),
    ],
)
def test_a_redirect_elsewhere_is_refused(location: str, reason: str) -> None:
    """No request goes to an address that a redirect names and the guard refuses."""
    clock = Clock()
    with serving((302, {"Location": location})) as server:
        expected = ("ambiguous", 1, f"a redirect to an address that {reason}")
        assert ask(server, clock) == expected
    assert len(server.seen) == 1


def test_a_redirect_to_nowhere_is_no_crash() -> None:
    """`requests` itself reads the header and may fail on it."""
    with serving((302, {"Location": "https://["})) as server:
        expected = ("ambiguous", 1, "the request failed: ValueError")
        assert ask(server, Clock()) == expected


def test_one_budget_serves_all_addresses() -> None:
    """What the first address waited is missing for the second, and then nothing more is asked."""
    clock = Clock()
    with serving((503, {})) as server:
        hub = hub_on(server, clock, Settings(retry_max_seconds=10))
        fetches = hub.ask([f"{server.origin}/{n}" for n in range(3)])
    assert [fetch.tries for fetch in fetches] == [3, 2, 2]
    assert sum(clock.waits) == 10
    assert [fetch.seconds for fetch in fetches] == [6, 2, 2]


def scripted(
    answers: Sequence[Answer | Exception], seen: list[tuple[str, str]]
) -> Callable[[str, str], Answer]:
    """A transport that gives these answers in turn."""
    left = iter(answers)

    def head(address: str, token: str) -> Answer:
        seen.append((address, token))
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return head


def hub_of(
    *answers: Answer | Exception, seen: list[tuple[str, str]], token: str = "", endpoint: str = ""
) -> HuggingFace:
    """Hugging Face that answers so."""
    return HuggingFace(
        Settings(hf_endpoint=endpoint),
        token=token,
        transport=scripted(answers, seen),
        patience=Clock().patience(),
    )


def test_the_token_goes_to_huggingface_co_alone() -> None:
    """Neither a store that it redirects to nor a configured mirror sees it."""
    seen: list[tuple[str, str]] = []
    store, mirror = "https://cdn-lfs.hf.co/x", "https://mirror.example/m/resolve/main/config.json"
    hub = hub_of(
        Answer(status=302, location=store),
        Answer(status=200),
        Answer(status=200),
        seen=seen,
        token="hf_secret",
        endpoint="https://mirror.example/hf",
    )
    assert [fetch.result for fetch in hub.ask([CONFIG, mirror])] == ["recovered", "recovered"]
    assert seen == [(CONFIG, "hf_secret"), (store, ""), (mirror, "")]


@pytest.mark.parametrize(
    ("anonymous", "expected"),
    [(200, "ambiguous"), (401, "permanent"), (404, "permanent")],
)
def test_a_refused_token_is_settled_by_one_anonymous_request(anonymous: int, expected: str) -> None:
    """An open model answers without the token, so the token is at fault."""
    seen: list[tuple[str, str]] = []
    hub = hub_of(Answer(status=401), Answer(status=anonymous), seen=seen, token="hf_secret")
    [fetch] = hub.ask([CONFIG])
    assert (fetch.result, fetch.tries) == (expected, 2)
    assert seen == [(CONFIG, "hf_secret"), (CONFIG, "")]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([Answer(status=200)], ("open", 1, "HTTP 200")),
        ([Answer(status=503), Answer(status=200)], ("open", 2, "HTTP 200")),
        ([Answer(status=404, code="EntryNotFound")], ("open", 1, "HTTP 404")),
        (
            [Answer(status=401, code="RepoNotFound")],
            ("permanent", 1, "HTTP 401: there is no such repository, or it is private"),
        ),
        ([Answer(status=503)] * 5, ("failing", 5, "HTTP 503")),
    ],
)
def test_a_refusal_in_a_log_is_settled_without_a_token(
    answers: list[Answer], expected: tuple[str, int, str]
) -> None:
    """What everybody may read was refused for its token, or for a moment; asked once per run."""
    seen: list[tuple[str, str]] = []
    hub = hub_of(*answers, seen=seen, token="hf_secret")
    [probe] = hub.probe([CONFIG, CONFIG])
    assert (probe.result, probe.tries, probe.reason) == expected
    assert hub.probe([CONFIG]) == (probe,)
    assert seen == [(CONFIG, "")] * len(answers)


@pytest.mark.parametrize(("status", "expected"), [(403, "recovered"), (404, "permanent")])
def test_a_store_that_refuses_head_shows_that_it_is_there(status: int, expected: str) -> None:
    """Addresses of the store are signed for GET."""
    hub = hub_of(
        Answer(status=302, location="https://us.aws.cdn.hf.co/x"), Answer(status=status), seen=[]
    )
    assert [fetch.result for fetch in hub.ask([CONFIG])] == [expected]


def test_an_address_is_asked_once_per_run() -> None:
    """Asked again, or named twice, it keeps its answer."""
    seen: list[tuple[str, str]] = []
    hub = hub_of(Answer(status=404), seen=seen)
    first = hub.ask([CONFIG, CONFIG])
    assert hub.ask([CONFIG]) == first
    assert len(seen) == 1


def test_an_address_from_elsewhere_is_skipped() -> None:
    """It is not asked, costs no try and says why."""
    seen: list[tuple[str, str]] = []
    [fetch] = hub_of(seen=seen).ask(["https://evil.example/a"])
    assert (fetch.result, fetch.tries) == ("skipped", 0)
    assert fetch.reason == "the address is not on a host of Hugging Face"
    assert seen == []


def test_the_number_of_addresses_is_bounded() -> None:
    """A log that names a thousand models costs a bounded number of requests."""
    seen: list[tuple[str, str]] = []
    hub = hub_of(*[Answer(status=200)] * (MAX_ADDRESSES + 1), seen=seen)
    results = [fetch.result for fetch in hub.ask(f"{CONFIG}?{n}" for n in range(30))]
    assert results == ["recovered"] * MAX_ADDRESSES + ["skipped"] * (30 - MAX_ADDRESSES)


def test_time_spent_on_requests_counts() -> None:
    """A request that hangs is taken from the budget, and then nothing more is asked."""
    clock = Clock()

    def slow(_address: str, _token: str) -> Answer:
        clock.now += 200
        raise again("no answer")

    hub = HuggingFace(Settings(), transport=slow, patience=clock.patience(300))
    first, second = hub.ask([CONFIG, f"{CONFIG}?2"])
    assert (first.result, first.tries) == ("failing", 2)
    assert (second.result, second.reason) == (
        "skipped",
        "the time allowed for Hugging Face was used up",
    )


class BrokenSession(requests.Session):
    """A session whose requests end in an error of `requests`."""

    def __init__(self, error: requests.RequestException) -> None:
        super().__init__()
        self.error = error

    def head(self, *_: object, **__: object) -> requests.Response:
        """Fail."""
        raise self.error


@pytest.mark.parametrize(
    ("error", "raised", "reason"),
    [
        (
            requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"),
            SettledError,
            "its certificate is not trusted here",
        ),
        (
            requests.exceptions.SSLError("UNEXPECTED_EOF_WHILE_READING"),
            TryAgainError,
            "the TLS connection broke",
        ),
        (requests.ConnectTimeout(), TryAgainError, "no answer within 10 s"),
        (requests.exceptions.InvalidURL(), SettledError, "the request failed: InvalidURL"),
    ],
)
def test_errors_of_the_connection_are_told_apart(
    error: requests.RequestException, raised: type[Exception], reason: str
) -> None:
    """A broken connection may heal, a distrusted certificate will not."""
    head = HeadRequests(lambda: BrokenSession(error))
    with pytest.raises(raised, match=reason):
        head(CONFIG, "")


def test_a_token_is_sent_as_bearer() -> None:
    """The header stands on the wire, so `.netrc` cannot stand in."""
    with serving((200, {})) as server:
        head = HeadRequests()
        assert head(f"{server.origin}/a", "hf_x") == Answer(status=200)
    assert server.seen == [("HEAD", "/a", "Bearer hf_x")]


def script(folder: Path, answers: object) -> Path:
    """A `hugging_face.json` with these answers."""
    path = folder / "hugging_face.json"
    path.write_text(json.dumps(answers))
    return path


def test_scripted_answers_take_the_same_way(tmp_path: Path) -> None:
    """The waits are counted, not waited for, and the same at every run."""
    path = script(tmp_path, {f"HEAD {CONFIG}": [503, 0, 200]})
    [fetch] = ScriptedHub(path, Settings()).ask([CONFIG])
    assert (fetch.result, fetch.tries, fetch.seconds) == ("recovered", 3, 3.0)


def test_a_pause_leaves_time_to_ask(tmp_path: Path) -> None:
    """Out of the one budget, at most half of what is left of it."""
    path = script(tmp_path, {f"HEAD {CONFIG}": [200]})
    hub = ScriptedHub(path, Settings(retry_max_seconds=100))
    clocks = []
    for seconds in (60, 1_000):
        hub.pause(seconds)
        clocks.append(hub._patience.left)
    assert clocks == [75.0, 56.25]
    assert [fetch.result for fetch in hub.ask([CONFIG])] == ["recovered"]


def test_the_last_scripted_answer_is_for_good(tmp_path: Path) -> None:
    """An outage needs one number."""
    path = script(tmp_path, {f"HEAD {CONFIG}": [0]})
    [fetch] = ScriptedHub(path, Settings()).ask([CONFIG])
    assert (fetch.result, fetch.tries, fetch.reason) == ("failing", 5, "no answer")


@pytest.mark.parametrize("answers", [None, {}, {f"HEAD {CONFIG}": []}])
def test_an_address_without_a_script_is_skipped(tmp_path: Path, answers: object) -> None:
    """Also when there is no file at all."""
    path = tmp_path / "hugging_face.json" if answers is None else script(tmp_path, answers)
    [fetch] = ScriptedHub(path, Settings()).ask([CONFIG])
    assert (fetch.result, fetch.reason) == ("skipped", "no answer is scripted")


def test_a_broken_script_names_its_field(tmp_path: Path) -> None:
    """One sentence with file and field."""
    path = script(tmp_path, {f"HEAD {CONFIG}": ["no"]})
    with pytest.raises(InputError, match=r"hugging_face.json cannot be read: Expected `int`"):
        ScriptedHub(path, Settings())
