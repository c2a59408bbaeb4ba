"""What maintainers said of a way of failing, and whether it still stands. Pure.

The last word on a way of failing counts. A word beats the statistics, not a proof: a failure and a
pass in one build of a run that began after a maintainer said `not-a-flake` overtake it.
"""

from __future__ import annotations

from flakebot.feedback import Feedback, Word
from flakebot.judging.case import Case


def standing(case: Case) -> Feedback | None:
    """The last word on this way of failing, None when nobody said one."""
    said = (each for each in case.words if each.covers(case.fingerprint))
    return max(said, key=lambda each: (each.created_at, each.comment_id), default=None)


def affirmed(case: Case) -> str:
    """That a maintainer calls it a flake; empty when the last word is another."""
    last = standing(case)
    return _sentence(last) if last and last.word is Word.FLAKY else ""


def denied(case: Case) -> str:
    """That a maintainer calls it no flake and none was proven since; empty when it is not so."""
    last = standing(case)
    if last is None or last.word is not Word.NOT_A_FLAKE or _proven_since(case, last):
        return ""
    return f"{_sentence(last)}, and none is proven since"


def against(case: Case) -> str:
    """What a maintainer said that a proof has overtaken; empty when nobody did."""
    last = standing(case)
    if last is None or last.word is not Word.NOT_A_FLAKE:
        return ""
    return f"proven since {last.login} said on {last.created_at:%Y-%m-%d} that this is no flake"


def _sentence(said: Feedback) -> str:
    """What was said; it begins with no name, since views write a reason's first letter large."""
    what = "a flake" if said.word is Word.FLAKY else "no flake"
    return f"by {said.login}'s word of {said.created_at:%Y-%m-%d} this is {what}"


def _proven_since(case: Case, said: Feedback) -> bool:
    return any(
        failure.proven
        and failure.entry.fingerprint == case.fingerprint
        and failure.execution.record.created_at > said.created_at
        for build in case.past.builds
        for failure in build.failures
    )
