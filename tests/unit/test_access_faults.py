"""What Hugging Face refuses for good has its own words, and a remedy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit import view_values as v

from flakebot.changes import Plan
from flakebot.model import Category
from flakebot.reading import rules
from flakebot.report import Overall
from flakebot.sinks import job_summary, pr_comment
from flakebot.views import access_faults

ACCESS = [rule.id for rule in rules.builtin().rules if rule.category is Category.HF_ACCESS]


@pytest.mark.parametrize("rule", ACCESS)
def test_every_rule_of_a_refusal_has_words_of_its_own(rule: str) -> None:
    """Each says what is wrong and what to do, in sentences."""
    fault, remedy = access_faults.WORDS[rule]
    assert (fault[0].isupper(), fault[-1].isalpha()) == (True, True)
    assert (remedy[0].isupper(), remedy[-1]) == (True, ".")


def test_no_words_without_a_rule() -> None:
    """A rule that was renamed is found here."""
    assert set(access_faults.WORDS) <= set(ACCESS)


@pytest.mark.parametrize(
    ("rule", "model", "told"),
    [
        ("hf-gated", "meta-llama/Llama-3.2-3B", "`meta-llama/Llama-3.2-3B`: gated by its owner"),
        ("hf-offline", "", "| Not downloaded before the tests, which run offline. Declare every"),
        ("hf-of-tomorrow", "a/b", "`a/b`: refused for good by Hugging Face. Check the name"),
        ("hf-gated", "a|b`@me", "``a\\|b`@\u200bme``: gated"),
    ],
)
def test_comment_and_summary_name_model_fault_and_remedy(rule: str, model: str, told: str) -> None:
    """The name is a log's, so it is made inert."""
    event = replace(
        v.outage(category=Category.HF_ACCESS), rule=rule, model=model, fetches=(), result=""
    )
    job = v.job("test (arm64)", 12)
    report = v.report(events=(event,), records=(v.record(v.RUN_ID, job),), overall=Overall.EXTERNAL)
    comment = pr_comment.section(v.context(report)).text
    summary = job_summary.render(report, Plan(), ())
    assert told in comment
    assert told in summary
    assert "**1 Hugging Face access fault to mend: asking again does not help**" in comment
