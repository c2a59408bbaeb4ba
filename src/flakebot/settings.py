"""All settings as one frozen value with its defaults and the reasons for them. Pure.

Inputs of the Action and keys of `.github/flakebot.toml` end here; see `config.py` for how they are
read. Thresholds are named constants of the policy, each with its reason, and each can be set.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from flakebot.model import value

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]
Days = Annotated[int, Meta(ge=1, le=3650)]
LabelName = Annotated[str, Meta(pattern=r"^[^,]*[^,\s][^,]*$")]
LabelNames = Annotated[tuple[LabelName, ...], Meta(min_length=1)]
History = Annotated[str, Meta(pattern=r"^(branch:[\w./-]+|dir:.+|none)$")]
Address = Annotated[str, Meta(pattern=r"^(https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*/?)?$")]


@value
class Thresholds:
    """Where the verdicts of the policy's ladder begin (`[thresholds]` in the settings file)."""

    window_days: Days = 90
    """History older than this is not used: GitHub itself forgets logs after 90 days. At most ten
    years."""

    rate_floor: Share = 0.01
    """A known flake's Wilson lower bound must lie above this, or it is too rare to excuse a
    failure."""

    min_builds: Positive = 10
    """Below this many builds a rate says nothing: 1 of 2 has a lower bound of 9.5 %."""

    min_pull_requests: Positive = 2
    """A failure in unrelated pull requests is nobody's change; one may be its author's."""

    broken_streak: Positive = 4
    """As many failures in a row with no pass are a regression (golang/build watchflakes:
    tooManyToBeFlakes)."""

    streak_chance: Share = 0.01
    """A row of failures that a known flake would show more often than this is no regression: one of
    50 % fails four times in a row once in 16 rows."""

    persistent_chance: Share = 0.001
    """A flake that fails in all builds of one change, rarer than this by chance, is the change's
    own fault."""

    change_chance: Share = 0.001
    """The history of a test is split where a steady rate would look like that more rarely, so that
    averages do not outlive a regression or a fix: about one split in a thousand steady tests."""

    mass_test_share: Share = 0.8
    """A job in which this share of the tests fails has one fault, not many (Trunk's upload
    guard)."""

    mass_job_share: Share = 0.25
    """A commit on which this share of the jobs fails is broken itself (watchflakes:
    skipBrokenCommits)."""

    mass_cause_tests: Positive = 10
    """One cause under as many tests is one event."""

    together_runs: Positive = 3
    """Runs in which two tests both failed before they are said to fail together: two are a
    coincidence that every busy week has."""

    together_share: Share = 0.33
    """Of the runs in which either of two tests failed, both failed in as many (Jaccard): then half
    of the failures of each are with the other; of less a common cause explains the smaller part."""

    together_false_share: Share = 0.01
    """Of the pairs that are joined, as many may be chance (Benjamini, Hochberg)."""

    close_probability: Share = 0.001
    """An issue is closed once so long a silence is rarer than this at the rate of before."""

    close_quiet_days: Days = 7
    """Days that the silence lasts at least: a busy day of builds may share one lucky machine."""


@value
class Limits:
    """Bounds on what is read and written (`[limits]` in the settings file); each says what it left
    out.
    """

    log_bytes: Positive = 512 * 1024 * 1024
    """Of one job's log; the rest is not read and said to be left out. A local log that
    `flakebot classify` is given is read whole."""

    run_bytes: Positive = 4 * 1024 * 1024 * 1024
    """Of the logs of one attempt together, as unpacked: two minutes of reading. An archive of a few
    megabytes can unpack to terabytes."""

    line_bytes: Positive = 64 * 1024
    """Of one line; the rest of the line is dropped."""

    archive_bytes: Positive = 1024 * 1024 * 1024
    """Of the archive of a run's logs as it is downloaded, else they are read one by one; and of the
    ledger branch, as downloaded and as unpacked."""

    artifacts: Count = 5
    """Artifacts with JUnit files that are read: each costs two requests."""

    artifact_bytes: Positive = 64 * 1024 * 1024
    """Of one artifact, as downloaded and as unpacked."""

    new_issues_abort: Positive = 25
    """A plan that opens more is refused whole: a short list of issues looks like this
    (golang/go#72731)."""

    body_characters: Positive = 60_000
    """Of an issue or comment; GitHub refuses 65,536, and silently on an update (field report)."""

    body_bytes: Positive = 200 * 1024
    """Of the same text as UTF-8."""

    request_seconds: Seconds = 30.0
    """Of one request to GitHub, to connect and between two bytes; at most an hour."""

    wait_seconds: Seconds = 120.0
    """Of all waiting for GitHub's limits and back-off together; at most an hour."""

    rerun_jobs: Positive = 5
    """A re-run of more failed jobs than this costs more than it tells (pytorch's retryBot,
    microsoft/aspire)."""


@value
class Settings:
    """Everything a run of flakebot can be told."""

    jobs: tuple[str, ...] = ("*",)
    skip_jobs: tuple[str, ...] = ("*-status-check",)
    dry_run: bool = False
    issues: bool = True
    issue_labels: LabelNames = ("flaky-test",)
    max_new_issues: Count = 5
    comment: Literal["always", "on-failure", "never"] = "on-failure"
    retry_hugging_face: Literal["off", "fetch", "rerun"] = "fetch"
    retry_max_attempts: Positive = 5
    retry_max_seconds: Count = 300
    rerun_max_attempts: Positive = 3
    history: History = "branch:flakebot-data"
    annotations: bool = True
    fail_on: Literal["never", "new-failures", "any"] = "never"
    secret_patterns: tuple[str, ...] = ()
    hf_endpoint: Address = ""
    bot_login: str = ""
    thresholds: Thresholds = Thresholds()
    limits: Limits = Limits()
