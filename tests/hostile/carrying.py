"""Carry texts through the whole pipeline: into every place that strangers fill, out of every view.

One run for a handful of texts. Each has a job of its own whose name, step, log, JUnit file, test
ids, messages and files hold it: one test is flaky, one fails for the first time; another job fails
without any test. Branch, title, changed files, CODEOWNERS, and an issue of a stranger's with a
comment hold all of them. GitHub is a folder, everything else is as in the Action.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from tests.scenarios.build import FIRST_DAY, FORK, REPOSITORY, URL, Look, World, full, stamp
from tests.scenarios.harness import analyse

from flakebot import cli, planner
from flakebot.errors import FlakebotError
from flakebot.github_objects import ACTIONS_BOT
from flakebot.pipeline import Result
from flakebot.settings import Limits, Thresholds
from flakebot.sinks import annotations as notes
from flakebot.sinks import job_summary, json_report
from flakebot.workflow_commands import Runner

RUN = 1
PULL = 7
STRANGERS = 3
"""The number of the stranger's issue."""

DAY = 1
GIVEN: Mapping[str, Any] = {
    "max_new_issues": 100,
    "limits": Limits(new_issues_abort=100),
    "comment": "always",
    "thresholds": Thresholds(mass_test_share=1, mass_job_share=1, mass_cause_tests=1000),
}
_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


@dataclass(frozen=True, kw_only=True)
class Views:
    """What came out, by view."""

    result: Result
    issues: Mapping[int, Mapping[str, Any]]
    swept: Mapping[int, Mapping[str, Any]]
    """All issues of ours after a sweep, which draws texts anew and adds what it keeps itself."""
    comments: Sequence[str]
    """On the pull request and on issues, as far as flakebot wrote them."""
    summary: str
    summary_file: bytes
    console: str
    """Progress and annotations, as the runner reads them."""
    output_file: str
    outputs: Mapping[str, str]
    report: str
    terminal: Mapping[str, str]
    """Both streams of commands of the command line, by command."""
    written: Sequence[str]
    """Names of the files that `rules pull` made, below its folder."""

    @property
    def bodies(self) -> Mapping[str, str]:
        """Every text that GitHub lays out as Markdown, by its place."""
        issues = {f"issue {number}": str(each["body"]) for number, each in self.issues.items()}
        swept = {f"swept issue {n}": str(each["body"]) for n, each in self.swept.items()}
        comments = {f"comment {n}": body for n, body in enumerate(self.comments)}
        return {**issues, **swept, **comments, "summary": self.summary}


def carry(folder: Path, texts: Sequence[str]) -> Views:
    """Analyse a run full of the texts, write everything, and gather the views."""
    world = World(root=folder)
    _compose(world, texts)
    look = Look(run_id=RUN, attempt=2, now=FIRST_DAY + timedelta(days=DAY, hours=2))
    result = analyse(folder, look, given=GIVEN)
    outputs = json_report.outputs(result.report, result.receipts, report_path="report.json")
    summary = job_summary.render(result.report, result.plan, result.receipts)
    made = json_report.build(result.report, result.plan, result.receipts)
    files = {
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    runner = Runner(files)
    with contextlib.redirect_stdout(io.StringIO()) as console:
        for line in planner.describe(result.plan):
            runner.say(line)
        runner.emit(notes.lines(result.report))
        for sentence in (*result.report.problems, *texts):
            runner.say(sentence)
            runner.notice("warning", sentence)
    runner.outputs(outputs)
    runner.summary(summary)
    issues = _issues(folder)
    terminal = _terminal(folder, texts)
    return Views(
        result=result,
        issues=issues,
        swept=_issues(folder),
        comments=tuple(_comments(folder)),
        summary=summary,
        summary_file=(folder / "summary").read_bytes(),
        console=console.getvalue(),
        output_file=(folder / "output").read_bytes().decode(),
        outputs=outputs,
        report=json.dumps(made, indent=1),
        terminal=terminal,
        written=_below(folder / "pulled"),
    )


def ids(number: int, text: str) -> tuple[str, str]:
    """The test ids of a text: the flaky one, and the new failure. Marks stand around the text."""
    return tuple(  # type: ignore[return-value]  # two of them
        f"tests/test_{number}.py::test_{kind}[zq{number}a {text} zq{number}z]"
        for kind in ("flaky", "new")
    )


# ------------------------------------------------------------------------------------------
# The run that goes in


def _compose(world: World, texts: Sequence[str]) -> None:
    everything = " ".join(texts)
    head = {"ref": f"fix {everything}"[:250], "sha": full("head"), "repo": {"full_name": FORK}}
    base = {"ref": "main", "sha": full("base"), "repo": {"full_name": REPOSITORY}}
    title = f"A change {everything}"[:250]
    pull = {"number": PULL, "state": "open", "title": title, "head": head, "base": base}
    world.commit("base", day=0)
    world.write(f"pulls/{PULL}.json", pull | {"html_url": f"{URL}/pull/{PULL}"})
    world.write(f"pulls/{PULL}.files.json", [{"filename": f"src/{text}.rs"} for text in texts])
    owners = "".join(f"tests/test_{n}.py @{' '.join(t.split())}\n" for n, t in enumerate(texts))
    world.write("contents/.github/CODEOWNERS", _encodable(owners))
    _stranger(world, everything)
    world.run(RUN, [], [], day=DAY, sha="head", analysed=False)
    world.amend(
        f"runs/{RUN}/run.json",
        head_branch=head["ref"],
        head_repository={"full_name": FORK},
        conclusion="failure",
        display_title=title,
    )
    for attempt in (1, 2):
        jobs = [job for n, text in enumerate(texts) for job in _jobs(world, n, text, attempt)]
        listed = {"total_count": len(jobs), "jobs": jobs}
        world.write(f"runs/{RUN}/attempts/{attempt}/jobs.json", listed)


def _stranger(world: World, everything: str) -> None:
    """An issue with our label, and a comment on the pull request, that imitate ours."""
    mallory = {"login": "mallory", "type": "User"}
    body = f"<!-- flakebot:issue pytest:evil -->\n{everything}"
    issue = {"number": STRANGERS, "title": everything[:250], "body": body, "state": "open"}
    address = {"html_url": f"{URL}/issues/{STRANGERS}", "user": mallory, "created_at": stamp(0)}
    world.write(f"issues/{STRANGERS}.json", issue | address | {"labels": [{"name": "flaky-test"}]})
    comment = {"id": 1, "user": mallory, "body": f"<!-- flakebot:pull-request -->\n{everything}"}
    for number in (STRANGERS, PULL):
        world.write(f"issues/{number}.comments.json", [comment])


def _jobs(world: World, number: int, text: str, attempt: int) -> Iterator[dict[str, Any]]:
    """The job with tests, and the one that fails without any."""
    flaky, new = ids(number, text)
    for kind, log in enumerate((_pytest(flaky, new, text, attempt), _plain(text))):
        job_id = 1_000_000 + attempt * 10_000 + number * 10 + kind
        path = world.root / f"runs/{RUN}/attempts/{attempt}/logs/{job_id}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(log.encode(errors="replace"))
        if kind == 0 and attempt == 2:
            world.write(f"runs/{RUN}/artifacts/junit/{job_id}.xml", _junit(number, new, text))
        yield {
            "id": job_id,
            "run_id": RUN,
            "run_attempt": attempt,
            "name": _encodable(f"{text} zq{number}{'jk'[kind]}"),
            "status": "completed",
            "conclusion": "failure",
            "started_at": stamp(DAY),
            "completed_at": stamp(DAY + 1 / 24),
            "html_url": f"{URL}/actions/runs/{RUN}/job/{job_id}",
            "head_sha": full("head"),
            "runner_name": _encodable(text),
            "labels": ["ubuntu-latest", _encodable(text)],
            "steps": [
                {
                    "name": _encodable(f"{text} zq{number}s"),
                    "number": 1,
                    "status": "completed",
                    "conclusion": "failure",
                }
            ],
        }


def _pytest(flaky: str, new: str, text: str, attempt: int) -> str:
    """What pytest would print, were ids and messages printed as they are."""
    failed = [flaky, new] if attempt == 1 else [new]
    lines = [
        "============================= test session starts ==============================",
        "collected 2 items",
        f"{flaky} {'FAILED' if attempt == 1 else 'PASSED'} [ 50%]",
        f"{new} FAILED [100%]",
        "=================================== FAILURES ===================================",
    ]
    for name in failed:
        short = name.partition("::")[2]
        lines += [
            f"______________ {short} ______________",
            f">       raise ValueError({text})",
            f"E       ValueError: {text} zqe",
            f"E       {text}",
            text,
            f"{name.partition('::')[0]}:3: ValueError",
        ]
    lines += ["=========================== short test summary info ============================"]
    lines += [f"FAILED {name} - ValueError: {text}" for name in failed]
    lines += [
        f"========================= {len(failed)} failed in 1.01s ==========================",
        "##[error]Process completed with exit code 1.",
    ]
    return _stamped(lines)


def _plain(text: str) -> str:
    """A job that says nothing but the text, and then fails."""
    return _stamped([text, f"error: {text}", text, "##[error]Process completed with exit code 1."])


def _stamped(lines: Sequence[str]) -> str:
    """A log as GitHub keeps it; what the runner says first is longer than the part by which a log
    of no text is told.
    """
    said = [*["Prepare all required actions"] * 200, *lines]
    return "".join(f"{stamp(DAY)[:-1]}.0000000Z {line}\n" for line in said)


def _junit(number: int, name: str, text: str) -> str:
    """The new failure once more, and a second flake whose whole name is the text."""
    path, _, short = name.partition("::")
    value, named, own = map(_attribute, (text, short, f"zq{number}t {text}"))
    module = path.removesuffix(".py").replace("/", ".")
    return (
        f'<testsuites name={value}><testsuite name={value} hostname={value} tests="1">'
        f'<testcase classname="{module}" file={quoteattr(path)} name={named}>'
        f"<failure message={value} type={value}>x</failure></testcase>"
        f"<testcase classname={value} name={own}><flakyFailure message={value} type={value}>"
        f"x</flakyFailure></testcase></testsuite></testsuites>"
    )


def _attribute(text: str) -> str:
    return quoteattr(re.sub(_NOT_XML, "", text), {"\n": "&#10;", "\r": "&#13;"})


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


# ------------------------------------------------------------------------------------------
# The views that come out


def _issues(folder: Path) -> dict[int, dict[str, Any]]:
    """The issues that flakebot wrote."""
    paths = [path for path in (folder / "issues").glob("*.json") if path.stem.isdecimal()]
    issues = [json.loads(path.read_text()) for path in paths]
    return {issue["number"]: issue for issue in issues if issue["user"]["login"] == ACTIONS_BOT}


def _comments(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "issues").glob("*.comments.json")):
        for comment in json.loads(path.read_text()):
            if comment["user"]["login"] == ACTIONS_BOT:
                yield comment["body"]


def _terminal(folder: Path, texts: Sequence[str]) -> dict[str, str]:
    """What the commands print about the same logs and the same run."""
    _named(folder / "named", texts)
    logs = str(folder / f"runs/{RUN}/attempts/2/logs")
    run = str(folder / f"runs/{RUN}")
    now = (FIRST_DAY + timedelta(days=DAY, hours=2)).isoformat()
    tried = folder / "tried.toml"
    tried.write_text(
        '[[rule]]\nid = "all"\ncategory = "network-dns"\npattern = "[a-z]"\nassertions = true\n'
        'match = ["x"]\nno_match = ["1"]\n'
    )
    commands = (
        ["classify", logs],
        ["classify", logs, "--json"],
        ["explain", logs],
        ["explain", logs, "--json"],
        ["run", run, "--now", now],
        ["explain", run],
        ["replay", str(folder), "--now", now, "--settings", str(tried)],
        ["sweep", str(folder), "--apply", "--now", now],
        ["report", str(folder), "--accuracy", "--now", now],
        ["rules", "pull", str(folder / "named"), "--output", str(folder / "pulled")],
    )
    return {" ".join(one).replace(str(folder), ""): _printed(one) for one in commands}


def _named(folder: Path, texts: Sequence[str]) -> None:
    """Logs whose files are named as the texts, as far as a file can be."""
    folder.mkdir()
    for number, text in enumerate(texts):
        name = _encodable(text).replace("/", "_").replace("\0", "_").encode()[:150]
        path = folder / f"{name.decode(errors='ignore')}{number}.log"
        path.write_bytes(_plain("Fatal Python error: Aborted").encode())


def _below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def _printed(arguments: Sequence[str]) -> str:
    """Both streams of a command, one behind the other."""
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        try:
            cli.main(arguments)
        except FlakebotError as error:
            err.write(f"{error}\n")
    return out.getvalue() + err.getvalue()
