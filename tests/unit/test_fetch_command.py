"""`flakebot fetch` with Hugging Face's real client, against a hub on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console
from tools.misbehaving_hub import COMMIT, RETRY_AFTER, Hub, running

from flakebot import fetch_command
from flakebot.errors import InputError
from flakebot.hugging_face.downloads import Size, Wanted, wanted
from flakebot.hugging_face.failures import Failure, failure_of

BIG = 24_000_000
"""The client writes a file in pieces of ten million bytes."""

TOKEN = "hf_" + "x" * 34
MODEL = {"config.json": b"{}", "weights/model.bin": b"w" * BIG, "README.md": b"# tiny\n"}


@dataclass
class Runner:
    """Runs the command as a user does, with a cache and a home of its own."""

    hub: Hub
    home: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> Mapping[str, str]:
        """The runner's environment."""
        return {
            "PATH": os.environ["PATH"],  # noqa: TID251  # of the machine
            "HF_ENDPOINT": self.hub.origin,
            "HF_HOME": str(self.home),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "COLUMNS": "200",
            **self.extra,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command."""
        return subprocess.Popen(
            [sys.executable, "-m", "flakebot", "fetch", *arguments],
            env=self.environ,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


@contextmanager
def serving(home: Path, *answers: str) -> Iterator[Runner]:
    """A hub with one model, and what `org/model` answers first."""
    hub = Hub(files={"org/model": MODEL}, scripts={"org/model": list(answers)})
    with running(hub):
        yield Runner(hub, home)


def test_a_model_is_downloaded_and_loads_offline(tmp_path: Path) -> None:
    """Data goes to standard output, progress to standard error; a second time nothing is loaded."""
    with serving(tmp_path) as runner:
        code, out, err = runner.run("org/model")
        assert (code, err) == (0, "org/model@main: 3 files, 24.0 MB\n")
        folder = tmp_path / "hub" / "models--org--model" / "snapshots" / COMMIT
        assert out == f"org/model@main: 3 files, 24.0 MB, loads offline: {folder}\n"
        assert (folder / "weights" / "model.bin").stat().st_size == BIG
        downloads = runner.hub.asked("GET", "/resolve/")
        assert runner.run("org/model")[0] == 0
        assert runner.hub.asked("GET", "/resolve/") == downloads


def test_only_the_files_that_are_wanted_are_loaded(tmp_path: Path) -> None:
    """At a revision, and as JSON."""
    with serving(tmp_path) as runner:
        code, out, _ = runner.run("org/model@v1.0", "--include", "*.json", "--json")
        [found] = json.loads(out)
        assert runner.hub.asked("GET", "model.bin") == 0
    assert code == 0
    assert (found["revision"], found["files"], found["bytes"]) == ("v1.0", 1, 2)
    assert (found["commit"], found["tries"]) == (COMMIT, 1)


def test_a_data_set_is_downloaded(tmp_path: Path) -> None:
    """It has a name space and a folder of its own."""
    with serving(tmp_path) as runner:
        cache = str(tmp_path / "cache")
        runner.hub.files["datasets/org/data"] = {"train.csv": b"a,b\n1,2\n"}
        code, out, _ = runner.run("org/data", "--repo-type", "dataset", "--cache-dir", cache)
    assert code == 0
    assert "cache/datasets--org--data/snapshots/" in out


def test_an_outage_is_outlasted(tmp_path: Path) -> None:
    """Two refusals of the listing, which the client itself does not try again."""
    with serving(tmp_path, "503", "500") as runner:
        code, out, err = runner.run("org/model", "--retry-max-seconds", "30")
    assert code == 0
    assert "after 3 tries, loads offline" in out
    assert "org/model@main: HTTP 503 (try 1 of 5)\norg/model@main: HTTP 500 (try 2 of 5)" in err


def test_a_wait_beyond_the_limit_is_not_begun(tmp_path: Path) -> None:
    """A rate limit says how long it lasts."""
    with serving(tmp_path, "429-limit") as runner:
        code, out, err = runner.run("org/model", "--retry-max-seconds", "20")
    assert (code, out) == (1, "")
    assert f"HTTP 429, and asks to wait {RETRY_AFTER} s; given up after 1 try" in err


def test_what_never_ends_is_given_up(tmp_path: Path) -> None:
    """Of the API or of a file, though a byte comes now and then; the next model is tried, and the
    command does not wait for the client's threads.
    """
    with serving(tmp_path / "one") as runner:
        runner.hub.files["org/endless"] = {"weights.bin": b"w" * 1000}
        runner.hub.dripping.add("weights.bin")
        other = Runner(runner.hub, tmp_path / "other")
        listing = runner.start("faults/drip", "--retry-max-seconds", "0")
        code, out, err = other.run("org/endless", "org/model", "--retry-max-seconds", "0")
        _, told = listing.communicate(timeout=60)
    late = "no whole answer within 10 s; given up, what was loaded is kept."
    assert (listing.returncode, told) == (1, f"flakebot: faults/drip@main: {late}\n")
    assert f"org/endless@main: {late}\n" in err
    assert (code, err.splitlines()[-1]) == (1, "flakebot: 1 of 2 could not be downloaded.")
    assert out.startswith("org/model@main: 3 files")


def test_a_page_in_place_of_an_answer_is_told_with_what_helps(tmp_path: Path) -> None:
    """Of a portal or a proxy, which may let the next request pass."""
    with serving(tmp_path, "html") as runner:
        code, out, err = runner.run("org/model", "--retry-max-attempts", "1")
        assert runner.run("org/model", "--retry-max-seconds", "30")[0] == 0
    told = "what answers is not Hugging Face's API; check HF_ENDPOINT and the proxy"
    assert (code, out) == (1, "")
    assert err == (
        f"org/model@main: {told} (try 1 of 1)\n"
        f"flakebot: org/model@main: {told}; given up after 1 try, what was loaded is kept.\n"
    )


def test_a_download_may_take_as_long_as_its_bytes_do() -> None:
    """What a mirror does not tell the size of may be large."""
    assert Size(commit="", files={"a": 7_000_000, "b": 0}).seconds == 70
    assert Size(commit="", files={"a": 7_000_000, "b": -1}).seconds == 100_070


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("403-gated", "access is gated: accept its terms on huggingface.co"),
        ("404-repository", "there is no such repository, or HF_TOKEN is missing"),
        ("404-revision", "there is no such revision; check the part behind `@`"),
        ("401", "HTTP 401: HF_TOKEN is missing, wrong or expired"),
        ("403", "HTTP 403: HF_TOKEN lacks the permission"),
    ],
)
def test_what_waiting_does_not_mend_is_said_at_once(tmp_path: Path, answer: str, told: str) -> None:
    """With the remedy, after one request, and the token stands nowhere."""
    with serving(tmp_path, answer) as runner:
        runner.extra["HF_TOKEN"] = TOKEN
        code, out, err = runner.run("org/model")
        assert len(runner.hub.seen) == 1
    assert (code, out) == (1, "")
    assert err.startswith(f"flakebot: org/model@main: {told}")
    assert len(err.splitlines()) == 1
    assert TOKEN not in err


def test_one_model_that_fails_does_not_keep_the_others(tmp_path: Path) -> None:
    """All are tried, and the exit code tells that one is missing."""
    with serving(tmp_path) as runner:
        code, out, err = runner.run("faults/404-repository", "org/model")
    assert code == 1
    assert out.startswith("org/model@main: 3 files")
    assert err.endswith("flakebot: 1 of 2 could not be downloaded.\n")


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGINT])
def test_after_an_interruption_what_was_loaded_is_kept(tmp_path: Path, signal_number: int) -> None:
    """The next process asks for the file that is missing alone, and needs no help with the lock."""
    with serving(tmp_path) as runner:
        runner.hub.stalled.add("weights/model.bin")
        process = runner.start("org/model")
        wait_for_half(tmp_path)
        process.send_signal(signal_number)
        process.communicate(timeout=10)
        runner.hub.stalled.clear()
        code, out, _ = runner.run("org/model", "--lock-seconds", "10")
        asked = [runner.hub.asked("GET", name) for name in ("config.json", "README", "model.bin")]
    assert code == 0
    assert "loads offline" in out
    assert asked == [1, 1, 2]


def test_a_transfer_that_breaks_goes_on_where_it_broke(tmp_path: Path) -> None:
    """The client asks for the rest of the file."""
    with serving(tmp_path) as runner:
        runner.hub.cut.add("weights/model.bin")
        code, out, _ = runner.run("org/model")
    assert code == 0
    assert "loads offline" in out
    assert [part.startswith("bytes=1") for part in runner.hub.ranges] == [True]


def test_files_of_processes_that_were_killed_are_removed(tmp_path: Path) -> None:
    """The client names a half file for its process, so no other can use it; a fresh one stays."""
    blobs = tmp_path / "hub" / "models--org--model" / "blobs"
    blobs.mkdir(parents=True)
    old, fresh = (blobs / f"{'a' * 40}.{name}.incomplete" for name in ("0123abcd", "4567cdef"))
    shared = blobs / f"{'a' * 40}.incomplete"
    for path in (old, fresh, shared):
        path.write_bytes(b"half")
    for path in (old, shared):
        os.utime(path, (0, 0))
    with serving(tmp_path) as runner:
        assert runner.run("org/model")[0] == 0
    assert [path.exists() for path in (old, fresh, shared)] == [False, True, True]


def wait_for_half(home: Path) -> int:
    """Bytes of the file that is half there, once they have come to rest."""
    for _ in range(300):
        sizes = [path.stat().st_size for path in home.rglob("*.incomplete")]
        if sizes and max(sizes) >= BIG // 3:
            return max(sizes)
        time.sleep(0.05)  # noqa: TID251  # another process works
    raise AssertionError("nothing was downloaded")


def test_several_processes_with_one_cache_download_once(tmp_path: Path) -> None:
    """One works, the others wait and find everything there."""
    with serving(tmp_path) as runner:
        started = [runner.start("org/model") for _ in range(3)]
        ended = [process.communicate(timeout=90) for process in started]
        assert runner.hub.asked("GET", "model.bin") == 1
    assert [process.returncode for process in started] == [0] * 3
    assert all("loads offline" in out for out, _ in ended)
    assert sum("Another process downloads into" in err for _, err in ended) >= 1


def test_a_lock_that_stays_held_is_given_up(tmp_path: Path) -> None:
    """After the seconds that were allowed, in one sentence."""
    with serving(tmp_path) as runner:
        runner.hub.stalled.add("weights/model.bin")
        first = runner.start("org/model")
        wait_for_half(tmp_path)
        code, _, err = runner.run("org/model", "--lock-seconds", "1")
        first.kill()
        first.communicate(timeout=30)
    assert code == 1
    assert "has been downloading into" in err
    assert "for 1 s; wait for it, or raise --lock-seconds." in err


def test_a_cache_that_lost_a_file_is_told(tmp_path: Path) -> None:
    """The offline check sees what the client believes to be there."""
    with serving(tmp_path) as runner:
        assert runner.run("org/model")[0] == 0
        blob = tmp_path / "hub/models--org--model/snapshots" / COMMIT / "config.json"
        blob.resolve().write_bytes(b"cut short")
        code, _, err = runner.run("org/model")
    assert code == 1
    assert "1 of 3 files cannot be loaded offline (config.json); delete " in err


def test_offline_mode_is_told(tmp_path: Path) -> None:
    """Nothing may be downloaded then."""
    with serving(tmp_path) as runner:
        runner.extra["HF_HUB_OFFLINE"] = "1"
        code, _, err = runner.run("org/model")
        assert runner.hub.seen == []
    assert code == 1
    assert "HF_HUB_OFFLINE is set, so nothing may be downloaded; unset it" in err


def test_no_file_matches(tmp_path: Path) -> None:
    """A glob that selects nothing is a mistake."""
    with serving(tmp_path) as runner:
        code, _, err = runner.run("org/model", "--include", "*.gguf")
    assert (code, err) == (1, "flakebot: org/model@main: it has no file that matches *.gguf.\n")


def test_without_the_client_the_install_line_is_told(tmp_path: Path) -> None:
    """The extra is left out of the Action's image."""
    (tmp_path / "huggingface_hub.py").write_text("raise ImportError('not installed')\n")
    with serving(tmp_path / "home") as runner:
        runner.extra["PYTHONPATH"] = str(tmp_path)
        code, _, err = runner.run("org/model")
    told = "`flakebot fetch` needs Hugging Face's client: `pip install 'flakebot[fetch]'`."
    assert (code, err) == (1, f"flakebot: {told}\n")


@pytest.mark.parametrize("name", ["", "../x", "a/b/c", "a b", "-x/y", "https://huggingface.co/a/b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """Before anything is asked."""
    with pytest.raises(InputError, match="is not OWNER/NAME"):
        wanted(name)


def test_a_name_has_a_revision() -> None:
    """The default is main."""
    assert str(wanted("a/b@refs/pr/1")) == "a/b@refs/pr/1"
    assert str(wanted("gpt2")) == "gpt2@main"


def test_a_terminal_shows_a_bar(tmp_path: Path) -> None:
    """It ends at the whole."""
    with (tmp_path / "screen").open("w") as screen:
        console = Console(file=screen, force_terminal=True, width=100)
        watch = fetch_command.watcher(console)
        with watch(Wanted(repository="a/b"), Size(commit="", files={"x": 3_000_000}), tmp_path):
            pass
    shown = (tmp_path / "screen").read_text()
    assert "a/b@main" in shown
    assert "3.0/3.0 MB" in shown


def test_what_is_stored_counts_files_that_come_and_go(tmp_path: Path) -> None:
    """A file that vanished between the list and the look is left out."""
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "b").symlink_to(tmp_path / "gone")
    assert fetch_command.stored(tmp_path) == 3
    assert fetch_command.stored(tmp_path / "nowhere") == 0


def raised(*errors: Exception) -> Exception:
    """The first error, raised from the second, and so on."""
    for outer, inner in pairwise(errors):
        outer.__cause__ = inner
    return errors[0]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("x"), None),
        (OSError(28, "No space left on device"), "no space is left on the disk of the cache"),
        (PermissionError(13, "denied"), "the cache may not be written: [Errno 13] denied"),
        (raised(OSError("x"), OSError("CERTIFICATE_VERIFY_FAILED")), "its certificate is not"),
    ],
)
def test_faults_of_the_machine_are_permanent(error: Exception, expected: str | None) -> None:
    """No waiting mends a full disk."""
    failure = failure_of(error)
    assert (failure and failure.transient) in {None, False}
    assert (failure.reason if failure else None) == expected or (
        failure is not None and failure.reason.startswith(str(expected))
    )


XET = "Task error: File reconstruction error: CAS Client Error: HTTP status client error"
STORE = "https://cas-server.xethub.hf.co/v2/reconstructions/0"
RENEWAL = "https://huggingface.co/api/models/a/b/xet-read-token/main"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (f"401 Unauthorized), domain: {RENEWAL}", "HTTP 401: HF_TOKEN is missing"),
        (f"403 Forbidden), domain: {RENEWAL}", "HTTP 403: HF_TOKEN lacks"),
        (f"404 Not Found), domain: {STORE}", "HTTP 404: it is not in the storage"),
    ],
)
def test_what_the_storage_refuses_is_permanent(answer: str, reason: str) -> None:
    """Its client tells the status in a text only."""
    failure = failure_of(RuntimeError(f"{XET} ({answer}"))
    assert failure is not None
    assert not failure.transient
    assert failure.reason.startswith(reason)
    assert failure_of(ValueError(f"{XET} ({answer}"[5:])) is None


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(104, "Connection reset by peer"),
        TimeoutError("timed out"),
        OSError("Consistency check failed: file should be of size 12 but has size 3"),
        RuntimeError("Data processing error: CAS service error : Reqwest Error"),
        RuntimeError(f"{XET} (503 Service Unavailable), domain: {STORE}"),
        RuntimeError(f"{XET} (403 Forbidden), domain: {STORE}"),
        type("LocalEntryNotFoundError", (Exception,), {})("check your connection"),
    ],
)
def test_a_broken_network_may_pass(error: Exception) -> None:
    """Whatever stands around it."""
    failure = failure_of(raised(OSError("we could not connect"), error))
    assert failure is not None
    assert failure.transient


def test_a_chain_without_end_is_no_hang() -> None:
    """An error that is its own cause."""
    error = ValueError("x")
    error.__cause__ = error
    assert failure_of(error) is None
    assert Failure(transient=True, reason="x").after is None
