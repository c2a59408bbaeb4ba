"""Answer one comment with a command: who may, what it asks for, the plan, the writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flakebot import planner, sinks
from flakebot.changes import Plan, Receipt
from flakebot.commands import Asked, Misunderstood, Name
from flakebot.errors import InputError, LedgerError, NotFoundError
from flakebot.feedback import Feedback, Word
from flakebot.model import value
from flakebot.pipeline import reasons
from flakebot.ports import Conversation, Forge, Ledger
from flakebot.settings import Settings
from flakebot.sinks import answer, upkeep

NO_LEDGER = "There is no ledger to keep it in: `history` is `none`."
NO_WRITER = "The command has no effect: its author may not write to the repository."
DONE_BEFORE = "The command was answered before."


@value
class Answered:
    """What became of a command: one sentence, and what was planned and written for it."""

    sentence: str
    plan: Plan = Plan()
    receipts: tuple[Receipt, ...] = ()


def respond(
    asked: Asked,
    forge: Forge,
    conversation: Conversation,
    ledger: Ledger,
    settings: Settings,
    say: Callable[[str], None],
) -> Answered:
    """Do what a comment asks for, once, however often the event is delivered.

    Args:
        asked: the comment.
        forge: where to write.
        conversation: what is asked of GitHub about the comment.
        ledger: where what is said of a test is kept, before anything else is written.
        settings: everything that can be set; `dry_run` plans and writes nothing.
        say: progress.

    Raises:
        FlakebotError: whether its author may, or whether it was answered, cannot be known.

    """
    if not conversation.may_write(asked.author):
        return Answered(sentence=NO_WRITER)
    if conversation.reacted(asked.comment_id, forge.bot()):
        return Answered(sentence=DONE_BEFORE)
    try:
        plan, said = _planned(asked, forge, conversation, ledger, settings)
        if said:
            _record(said, ledger, settings, say)
    except (InputError, NotFoundError, LedgerError) as error:
        plan = answer.refusal(asked, [str(error)], upkeep.notes([asked.number], forge))
    plan = planner.make_plan(plan.changes, settings)
    for line in planner.describe(plan):
        say(line)
    if settings.dry_run:
        return Answered(sentence="The command is understood; nothing is written.", plan=plan)
    receipts = sinks.apply_all(plan, forge)
    return Answered(
        sentence="The command is answered.",
        plan=plan,
        receipts=(*receipts, *_excused(asked, receipts, forge)),
    )


def _planned(
    asked: Asked, forge: Forge, conversation: Conversation, ledger: Ledger, settings: Settings
) -> tuple[Plan, Feedback | None]:
    """What to write on GitHub, and what to keep in the ledger."""
    if isinstance(asked.said, Misunderstood):
        return answer.help_reply(asked, asked.said, upkeep.notes([asked.number], forge)), None
    if asked.said.name is Name.EXPLAIN:
        return reasons.plan(asked, forge, conversation, ledger, settings), None
    window = timedelta(days=settings.thresholds.window_days)
    state = answer.observe(
        asked, asked.said, forge, conversation, lambda: ledger.read(asked.created_at - window)
    )
    return answer.plan(asked, asked.said, state), state.said


def _record(said: Feedback, ledger: Ledger, settings: Settings, say: Callable[[str], None]) -> None:
    """Keep a word; what is fixed is closed also where it cannot be kept.

    Raises:
        InputError: there is no ledger.
        LedgerError: it cannot be written.

    """
    needed, kept = said.word is not Word.FIXED, settings.history != "none"
    if needed and not kept:
        raise InputError(NO_LEDGER)
    if not kept:
        return
    say(f"record: {said.login} says {said.word} of {said.function}")
    if settings.dry_run:
        return
    try:
        ledger.append([said])
    except LedgerError as error:
        if needed:
            raise
        say(f"not recorded: {error}")


def _excused(asked: Asked, receipts: tuple[Receipt, ...], forge: Forge) -> tuple[Receipt, ...]:
    """Say in a comment what GitHub refused; the reaction that is left out for it says nothing."""
    failed = [receipt.reason for receipt in receipts[:-1] if not receipt.done]
    if not failed:
        return ()
    refusal = answer.refusal(asked, failed, upkeep.notes([asked.number], forge))
    return sinks.apply_all(refusal, forge)
