"""What surrounds the runs of the sample: issues, labels, files, Hugging Face, the README. Pure."""

from __future__ import annotations

from tools.sample_run.objects import Object, comment_object, issue_object, label_object
from tools.sample_run.story import MAIN, PULLS, RUNS, at, sha

HUGGING_FACE = {
    "HEAD https://huggingface.co/openai-community/gpt2/resolve/main/config.json": [503, 503, 200],
    "HEAD https://huggingface.co/Qwen/Qwen3-0.6B/resolve/main/config.json": [503, 503, 200],
    "HEAD https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct/resolve/main/config.json": [503],
    "HEAD https://huggingface.co/deepseek-ai/DeepSeek-R1-Distill-Llama-8B"
    "/resolve/main/config.json": [429, 200],
}

CONTENTS = {
    "CODEOWNERS": """\
# The last matching line wins.
*                          @ai-dynamo/dynamo-maintainers
/components/frontend/      @ai-dynamo/frontend-codeowners
/lib/                      @ai-dynamo/rust-codeowners
/tests/router/             @ai-dynamo/router-codeowners
/tests/serve/              @ai-dynamo/backend-codeowners
/.github/                  @ai-dynamo/ops-codeowners
""",
    ".github/flakebot.toml": """\
# Settings of flakebot for this repository; what is not named here keeps its default.
# Everything that can be set stands in docs/configuration.md.
""",
}


def labels() -> list[Object]:
    """The repository's labels; `flaky-test` is not among them yet."""
    return [
        label_object("bug", "d73a4a", "Something isn't working"),
        label_object("backlog", "c5def5", "Not closed by the stale bot"),
        label_object("ci", "fbca04", "Continuous integration"),
    ]


def issues() -> dict[int, tuple[Object, list[Object]]]:
    """One issue by a person, and the pull requests, which GitHub lists among the issues."""
    found = {5640: _by_a_person()}
    for pull in PULLS:
        issue = issue_object(
            pull.number,
            pull.title,
            "See the commits.",
            author=pull.author,
            at=pull.created_at,
            pull=True,
        )
        approval = comment_object(
            pull.number,
            3_800_000_000 + pull.number,
            f"/ok to test {sha(pull.head)}",
            author="helm-shipwright",
            at=pull.created_at,
        )
        found[pull.number] = (issue, [approval])
    return found


def _by_a_person() -> tuple[Object, list[Object]]:
    issue = issue_object(
        5640,
        "[BUG]: router tests sometimes crash with -n 8",
        "Seen twice this week, nothing to do with my diff. Serial runs are fine.\n\n"
        "```\n[gw3] node down: Not properly terminated\n```\n",
        author="mira-okafor",
        at=at("2026-01-09T10:20:00"),
        labels=labels()[:1],
    )
    answer = comment_object(
        5640,
        3_800_005_640,
        "Same here. `--forked` helps, at a price.",
        author="tomas-novak",
        at=at("2026-01-09T14:02:00"),
    )
    return issue, [answer]


def readme() -> str:
    """What each run shows and how it was made."""
    rows = [
        f"| {run.attempts[0].started_at:%Y-%m-%d} | {run.id} | `{run.branch}` | {run.shows} |"
        for run in RUNS
        if run is not MAIN
    ]
    return README.replace("{{earlier}}", "\n".join(rows))


README = """\
# The sample run

A folder in place of GitHub: the main run and what came before it. `flakebot demo` copies it,
analyses the earlier runs in order and then the main run. It retells the investigation that flakebot
comes from (runs 21553857421 and 21549672070, jobs 62106847745, 62096453750 and 62377203601 of
ai-dynamo/dynamo); ids, names, times and messages of those jobs are the investigation's, gathered
into one run. Everything else, people included, is invented.

## The main run: 21553857421, pull request 5731, two attempts

| job | what it shows |
|---|---|
| `dynamo-runtime / test / parallel cuda13.0, amd64` (62106847745) | Under `-n 8 --dist=loadscope`\
 worker gw6 dies of SIGABRT in `test_kv_push_router_bindings[True-tcp]`, which then passes on the \
replacement. `test_router_decisions[jetstream-nats]` fails with two decode_worker_ids, as on main \
weeks before. `test_indexers_sync[file]` fails as in two unrelated pull requests before. \
`test_truncated_completion_keeps_reason[stream]` fails for the first time, in a file that the pull \
request changes. `test_replay_token_counts[burst]` fails as it has on main since m8. |
| `dynamo-runtime / test / parallel cuda13.0, arm64` | `test_mocker_kv_router[tcp]` fails in \
attempt 1 and passes in attempt 2, which ran this job alone again. The author's failure and main's \
are here too, in both attempts. |
| `vllm-runtime / test / cuda12.9, amd64` | One failed download from Hugging Face (a time-out, \
after the client's own five retries) makes 12 tests error at set-up. |
| `sglang-runtime / test / cuda12.9, amd64` (62377203601) | `test_sglang_kv_router_basic[tcp]` \
hits its time-out; the clean-up waits for a process that does not end; nothing is printed from \
17:49:18 to 18:47:36, then a person cancels. |
| `dynamo-runtime / test / e2e isolated cuda13.0, amd64` | Green, though a test failed and passed \
when the rerun plugin tried it again. |
| `trtllm-runtime / test / cuda13.1, amd64` | The runner was lost; there is no log. |
| `vllm-runtime / test / cuda13.0, amd64` | All tests pass; the job is red because the upload of a \
report was refused. |
| `pre-commit` | ruff finds an unused import: red without a test. |
| `dynamo-status-check` | Red only because others are; skipped by its name. |
| `deploy-test-*` | Skipped by GitHub. |

The other jobs are green.

## Earlier runs

| date | run | branch | what it shows |
|---|---|---|---|
{{earlier}}

## How it was made

`tools/make_sample.py` really runs each script that a log echoes, with the tools pinned in
`requirements/sample.txt`, on the toy suite in `tools/sample_suite/`, whose tests have dynamo's
names and whose faults are switched on by an environment variable that the log does not show. The
abort is an `abort()` of the C library, the hang a process that ignores SIGTERM, failed downloads
those of the Hugging Face client against `tools/misbehaving_hub.py`. Lines keep the distances at
which they were printed. The jobs called `build` compile a toy crate; one recording serves all jobs
in which nothing can differ.

Added by the generator: dates, time stamps, the set-up, checkout, upload and clean-up steps with
their messages (the refused upload among them), groups, echoed scripts, exit-code lines, and the
hour between the last line of the hanging job and its cancel.

Replaced in what was printed: the address of the local server by `https://huggingface.co` (its
connection pool by that of an HTTPS connection to huggingface.co), folders by `/workspace`,
`/opt/dynamo/venv`, `/tmp/dynamo` and `/usr/local`, the name of the machine by `runner`, the date of
the interpreter's build, and in JUnit files the time of the session.
"""
