"""`flakebot run` and `flakebot classify` with addresses of GitHub, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scenarios.build import full
from tests.server.analysis import PULL, compose, writes
from tests.server.fake_github import FakeGitHub

from flakebot import __main__ as entry
from flakebot import address, wiring

RUN = "https://github.com/org/repo/actions/runs/1"
FLAKE = "tests/router/test_router_e2e_with_mockers.py::test_kv_push_router_bindings"
NOW = ["--now", "2026-02-03T11:00:00Z"]


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """GitHub with a pull request's run in two attempts, named by the environment as in a shell."""
    compose(tmp_path)
    with FakeGitHub(tmp_path) as fake:
        fake.state.pulls[PULL]["head"]["sha"] = full("head1")
        monkeypatch.setenv("GITHUB_API_URL", fake.url)
        monkeypatch.setenv("GITHUB_TOKEN", fake.token)
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


def test_run_prints_the_plan_and_writes_nothing(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verdicts and plan on standard output, progress on standard error."""
    assert entry.main(["run", RUN, *NOW]) == 0
    out, err = capsys.readouterr()
    assert f"flaky, proven: {FLAKE}" in out
    assert "open issue" in out
    assert "nothing was written; --apply writes this plan" in err
    assert writes(github) == []


def test_run_of_one_attempt_knows_no_later_one(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the second attempt nothing is proven."""
    assert entry.main(["run", f"{RUN}/attempts/1", "--json", *NOW]) == 0
    report = json.loads(capsys.readouterr().out)
    kinds = {finding["verdict"]["kind"] for finding in report["report"]["findings"]}
    assert (report["verdict"], kinds) == ("new-failures", {"new"})
    assert writes(github) == []


def test_run_takes_settings_from_a_file(
    github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Instead of the repository's own."""
    settings = tmp_path / "settings.toml"
    settings.write_text("issues = false\ncomment = 'never'\n")
    assert entry.main(["run", RUN, "--config", str(settings), *NOW]) == 0
    assert "open issue" not in capsys.readouterr().out
    assert github.requests.of(path="flakebot.toml") == []


@pytest.mark.parametrize(
    ("address", "tests"),
    [
        (f"{RUN}/attempts/1/job/111", {f"{FLAKE}[True-tcp]"}),
        (f"{RUN}/job/111", {f"{FLAKE}[True-tcp]"}),  # as a browser shows it: no attempt
        (f"{RUN}/job/121", set()),
    ],
)
def test_classify_reads_one_job(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str], address: str, tests: set[str]
) -> None:
    """Its log alone is fetched."""
    assert entry.main(["classify", "--json", address]) == 0
    logs = json.loads(capsys.readouterr().out)["logs"]
    assert [log["source"].partition(" ")[0] for log in logs] == ["test"]
    assert {test["id"] for test in logs[0]["tests"]} == tests
    assert len(github.requests.of(path="/logs")) == 2


def test_classify_reads_all_jobs_of_a_run(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of its latest attempt, from the archive."""
    assert entry.main(["classify", "--json", RUN]) == 0
    logs = json.loads(capsys.readouterr().out)["logs"]
    assert [log["source"] for log in logs] == ["test (121)", "other (122)"]
    assert writes(github) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "https://github.com/org/repo/actions/runs/99"], "Could not read workflow runs"),
        (["classify", f"{RUN}/job/5"], "There is no job 5 in run 1."),
        (["classify", f"{RUN}/attempts/2/job/111"], "There is no job 111 in attempt 2 of run 1."),
        (["run", f"{RUN}/attempts/7"], "Could not read workflow runs"),
        (["run", "https://github.com/org/other/actions/runs/1"], "Could not read"),
    ],
)
def test_what_is_not_there_is_one_sentence(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    """Exit code 1, nothing on standard output, no traceback."""
    assert entry.main(arguments) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"flakebot: {sentence}")
    assert writes(github) == []


@pytest.mark.parametrize(
    ("content", "told"), [(None, "There is no file {}."), (b"\xff", "{} cannot be read: 'utf-8'")]
)
def test_settings_file_that_cannot_be_read_is_named(
    github: FakeGitHub,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    told: str,
) -> None:
    """Before anything is asked."""
    settings = tmp_path / "settings.toml"
    if content is not None:
        settings.write_bytes(content)
    assert entry.main(["run", RUN, "--config", str(settings)]) == 1
    assert told.format(settings) in capsys.readouterr().err
    assert github.requests.total() == 0


def test_refused_token_is_one_sentence(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not shown."""
    github.token = "ghs_another"
    assert entry.main(["run", RUN]) == 1
    err = capsys.readouterr().err
    assert "GitHub does not accept the token" in err
    assert "ffff" not in err


def test_a_clone_in_the_current_folder_is_no_saved_repository(
    github: FakeGitHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """OWNER/REPO is on GitHub although a folder has the same name."""
    (tmp_path / "org" / "repo").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert entry.main(["sweep", "org/repo", *NOW]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert writes(github) == []


@pytest.mark.parametrize("end", ["\r", "\n", " x", "é", "€"])
def test_what_is_no_token_is_not_sent_nor_shown(
    github: FakeGitHub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    end: str,
) -> None:
    """As with a line end out of a file; the library's own error has the whole header."""
    monkeypatch.setenv("GITHUB_TOKEN", f"ghs_short{end}")
    assert entry.main(["run", RUN]) == 1
    err = capsys.readouterr().err
    assert "token holds a blank, a line end or a sign that no token has" in err
    assert "ghs_short" not in err
    assert github.requests.total() == 0


@pytest.mark.parametrize("other", ["", "given"])
def test_a_missing_token_is_told(
    github: FakeGitHub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    other: str,
) -> None:
    """Before GitHub's own words, which do not name it; `gh`'s variable is good enough."""
    monkeypatch.setenv("GITHUB_TOKEN", "")
    monkeypatch.setenv("GH_TOKEN", github.token if other else "")
    assert entry.main(["run", RUN]) == (0 if other else 1)
    told = capsys.readouterr().err.splitlines()[0].startswith("no token in GITHUB_TOKEN: ")
    assert told == (not other)


@pytest.mark.parametrize(
    ("home", "host", "token", "api"),
    [
        ("", "github.com", "actions", "https://api.of.home"),
        ("", "ghe.example.com", "enterprise", "https://ghe.example.com/api/v3"),
        ("", "octocorp.ghe.com", "public", "https://api.octocorp.ghe.com"),
        ("https://octocorp.ghe.com", "octocorp.ghe.com", "actions", "https://api.of.home"),
        ("https://octocorp.ghe.com", "github.com", "public", "https://api.github.com"),
        ("https://ghe.example.com", "ghe.example.com", "actions", "https://api.of.home"),
        ("https://ghe.example.com", "github.com", "public", "https://api.github.com"),
        ("https://ghe.example.com", "b.example.com", "enterprise", "https://b.example.com/api/v3"),
    ],
)
def test_a_token_goes_to_its_own_kind_of_server(home: str, host: str, token: str, api: str) -> None:
    """Neither from github.com to another server nor from there to github.com."""
    environ = {
        "GITHUB_SERVER_URL": home,
        "GITHUB_API_URL": "https://api.of.home",
        "GITHUB_TOKEN": "actions",
        "GH_TOKEN": "public",
        "GH_ENTERPRISE_TOKEN": "enterprise",
    }
    server = wiring.named_server(address.parse_repository(f"https://{host}/a/b"), environ)
    assert (server.token, server.api_url) == (token, api)


@pytest.mark.parametrize("variable", ["GITHUB_SERVER_URL", "GITHUB_API_URL"])
def test_a_server_that_is_no_address_is_one_sentence(
    variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is asked."""
    monkeypatch.setenv(variable, "http://[")
    monkeypatch.setenv("GITHUB_TOKEN", "t")
    assert entry.main(["run", RUN]) == 1
    assert " is no address" in capsys.readouterr().err


def test_a_server_without_a_token_of_its_own_gets_none(capsys: pytest.CaptureFixture[str]) -> None:
    """And the variable that it would be in is named."""
    where = address.parse_repository("https://ghe.example.com/a/b")
    assert wiring.named_server(where, {"GITHUB_TOKEN": "t", "GH_TOKEN": "t"}).token == ""
    assert "no token in GH_ENTERPRISE_TOKEN" in capsys.readouterr().err
