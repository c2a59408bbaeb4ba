"""Two looks at a pull request over the fake GitHub, to be disturbed.

The first opens label, issue, comment and ledger branch, the second changes them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from tests.scenarios.build import FIRST_DAY, full
from tests.server.analysis import PULL, Seen, analyse, ledger, seen
from tests.server.fake_github import BOT, FakeGitHub
from tests.server.faults import Fault

from flakebot import pipeline
from flakebot.errors import FlakebotError
from flakebot.github_objects import RunRef

DATA = (
    "repository", "runs", "jobs", "attempts", "logs", "labels", "issues", "comments", "events",
    "pulls", "pull_files", "git", "last_id",
)  # fmt: skip
"""What requests change or tests edit; the rest of the state stays as it is."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One analysis: GitHub before it, the run, and GitHub after it when nothing fails.

    `api` and `storage` count the requests to them; reads come before `first_write`.
    """

    run_id: int
    given: Mapping[str, Any]
    wanted: Seen
    api: int = 0
    storage: int = 0
    first_write: int = 0
    requests: tuple[str, ...] = ()

    def play(
        self,
        fake: FakeGitHub,
        config_text: str | None = None,
        sleep: Callable[[float], None] = lambda _: None,
        say: Callable[[str], None] = lambda _: None,
    ) -> pipeline.Result:
        """Look at the run, with the settings of the default branch; nothing really waits."""
        now = FIRST_DAY + timedelta(days=self.run_id, hours=2)
        ref = RunRef(run_id=self.run_id)
        return analyse(fake, ref, now=now, config_text=config_text, sleep=sleep, say=say)

    def failing(
        self, fake: FakeGitHub, fault: Mapping[str, Any], *, reads: bool = True
    ) -> Iterator[str]:
        """Fail each request; gives the one that was hit first, after the look."""
        targets: list[tuple[Literal["api", "storage"], int]]
        targets = [("api", index) for index in range(0 if reads else self.first_write, self.api)]
        targets += [("storage", index) for index in range(self.storage if reads else 0)]
        for origin, index in targets:
            restore(fake, self.given)
            fake.faults.add(Fault(origin=origin, skip=index, **fault))
            since = len(fake.requests)
            with suppress(FlakebotError):
                self.play(fake)
            hit = [one for one in fake.requests[since:] if one.origin == origin][index]
            fake.faults.clear()
            yield f"{hit.method} {hit.path}"


def saved(fake: FakeGitHub) -> dict[str, Any]:
    """A copy of what GitHub knows."""
    return copy.deepcopy({name: getattr(fake.state, name) for name in DATA})


def restore(fake: FakeGitHub, given: Mapping[str, Any]) -> None:
    """Let GitHub know just that again."""
    for name, data in copy.deepcopy(dict(given)).items():
        setattr(fake.state, name, data)
    fake.faults.clear()


def both(fake: FakeGitHub) -> list[Look]:
    """Both looks, as they go when nothing fails; from then on requests are not checked."""
    made: list[Look] = []
    for run_id in (1, 2):
        fake.state.pulls[PULL]["head"]["sha"] = full(f"head{run_id}")
        given, since = saved(fake), len(fake.requests)
        look = Look(run_id=run_id, given=given, wanted=seen(fake))
        look.play(fake)
        sent = [one.method for one in fake.requests[since:] if one.origin == "api"]
        made.append(
            replace(
                look,
                wanted=seen(fake),
                api=len(sent),
                storage=len(fake.requests) - since - len(sent),
                first_write=sent.index("POST"),
                requests=tuple(f"{r.origin} {r.method} {r.path}" for r in fake.requests[since:]),
            )
        )
    fake.checked = False  # thousands of requests, the same as those that were checked
    return made


def doubles(fake: FakeGitHub) -> list[str]:
    """What stands there more than once."""
    now = seen(fake)
    titles = [issue[1] for issue in now.issues]
    ours = [
        f"comment on {number}: {body.partition(chr(10))[0]}"
        for number, login, body in now.comments
        if login == BOT
    ]
    keys = [str(record.key) for record in ledger(fake)]
    everything = [*titles, *ours, *keys]
    return sorted({one for one in everything if everything.count(one) > 1})


def missing(now: Seen, wanted: Seen) -> set[object]:
    """Issues, comments on the pull request and records that should be there and are not."""
    return names(wanted) - names(now)


def names(there: Seen) -> set[object]:
    """What is there, by name."""
    return {
        *(issue[1] for issue in there.issues),
        *(number for number, *_ in there.comments if number == PULL),
        *(record.key for record in there.records),
        *there.labels,
    }
