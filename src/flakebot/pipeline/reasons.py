"""Why the last run of an issue's test, or of a pull request, was judged so, as one answer."""

from __future__ import annotations

from collections.abc import Sequence

from flakebot.changes import Plan
from flakebot.commands import Asked
from flakebot.errors import InputError
from flakebot.judging import explained
from flakebot.judging.builds import flaked, order
from flakebot.judging.explained import ExplainedFinding
from flakebot.keys import tracking_key
from flakebot.pipeline import explaining
from flakebot.pipeline.explaining import Bench
from flakebot.ports import EVER, Conversation, Forge, Ledger
from flakebot.records import RunRecord
from flakebot.report import Finding
from flakebot.settings import Settings
from flakebot.sinks import answer, upkeep
from flakebot.views import reasons_text


def plan(
    asked: Asked, forge: Forge, conversation: Conversation, ledger: Ledger, settings: Settings
) -> Plan:
    """The answer to `/flakebot explain`, from the ledger, and the reaction.

    Raises:
        InputError: the issue is none of ours, or nothing of it is on record.
        FlakebotError: it cannot be read.

    """
    key = "" if asked.on_pull_request else answer.ours(asked.number, forge, conversation).key
    known = ledger.read(EVER)
    meant = [each for each in known if _is_of(each, asked, key)]
    if not meant:
        what = f"failure of what issue {asked.number} tracks" if key else "run of this pull request"
        raise InputError(f"No {what} is on record.")
    run_id = max(meant, key=order).run_id
    records = sorted((each for each in known if each.run_id == run_id), key=order)
    bench = Bench(forge=forge, ledger=ledger, settings=settings, now=asked.created_at)
    found = explaining.of_records(records, known, bench)
    told = explained.explain(found.report, found.cases)
    body = reasons_text.body(
        answer.key(asked),
        found.report,
        _about(told, {test for each in records for test in _tests(each, key)}) if key else told,
        settings.limits,
    )
    return answer.reply(asked, body, upkeep.notes([asked.number], forge))


def _is_of(record: RunRecord, asked: Asked, key: str) -> bool:
    return bool(_tests(record, key)) if key else record.pull_request == asked.number


def _tests(record: RunRecord, key: str) -> set[str]:
    """The ids of a tracked test that failed in an attempt, its variants among them."""
    return {
        entry.id
        for job in record.jobs
        for entry in job.tests
        if (entry.final.bad or flaked(entry)) and tracking_key(entry.framework, entry.id) == key
    }


def _about(told: Sequence[ExplainedFinding], tests: set[str]) -> Sequence[ExplainedFinding]:
    """What is said of these tests, alone or in an event that hit them."""
    return [
        each
        for each in told
        if not tests.isdisjoint(
            {each.told.test} if isinstance(each.told, Finding) else each.told.tests
        )
    ]
