"""Rules prove themselves: each finds its examples and leaves what it must not match."""

from __future__ import annotations

from typing import Literal

import pytest
import re2

from flakebot.errors import SettingsError
from flakebot.model import Category
from flakebot.reading import rules
from flakebot.reading.rules import Rule, RuleSet, is_noise, is_retried

RULES = rules.builtin().rules
HUB = "huggingface_hub.utils"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_matches_its_examples(rule: Rule) -> None:
    """Every example of a rule matches it, none is noise, and there is at least one of each."""
    assert rule.match
    assert rule.no_match
    missed = [text for text in rule.match if not re2.search(rule.pattern, text)]
    wrong = [text for text in rule.no_match if re2.search(rule.pattern, text)]
    assert (missed, [text for text in wrong if not is_noise(text)]) == ([], [])
    assert [text for text in rule.match if is_noise(text)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_wins_its_first_example(rule: Rule) -> None:
    """No rule hides behind one that is asked before it."""
    scope: Literal["test", "job"] = "job" if rule.scope == "job" else "test"
    found = rules.builtin().search(rule.match[0], scope)
    fits = [each for each in found if each.id == rule.id or not each.needs]
    assert fits[0].id == rule.id


def test_ids_and_order_are_sound() -> None:
    """Ids are kebab-case and the generic categories come last."""
    assert all(re2.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id) for rule in RULES)
    assert RULES[-1].category is Category.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "'HTTP Error 503 thrown while requesting HEAD https://huggingface.co/x",
        "Retrying in 1s [Retry 1/5].",
        "If exit code is -9 (SIGKILL), a common cause is the OS OOM killer",
    ],
)
def test_a_retried_line_or_hint_proves_nothing(text: str) -> None:
    """Retries that may have helped, and hints, are no evidence."""
    assert is_retried(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-11-29T21:22:52.270138Z  WARN dynamo_llm::hub: Connection refused", True),
        ("INFO     ManagedProcess:managed_process.py:219 CUDA error: none", True),
        ("##[warning]No space left on device", True),
        ("npm warn deprecated x", True),
        ("+ echo No space left on device", True),
        ("++ echo No space left on device", True),
        ("> eslint --no-error-on-unmatched-pattern .", True),
        ("npm http fetch GET https://x.example/a attempt 1 failed with ECONNRESET", True),
        ("W: Failed to fetch http://x.example/a  Could not resolve 'x.example'", True),
        ("  Connection timed out [IP: 192.0.2.1 80]", True),
        ("E: Failed to fetch http://x.example/a  Connection timed out [IP: 192.0.2.1 80]", False),
        ("/x/torch/cuda/__init__.py:118: UserWarning: CUDA initialization: no driver", True),
        ("UserWarning: CUDA initialization: no driver", False),
        ('time="2026-01-01T10:00:00Z" level=warning msg="failed to pull image x"', True),
        ('time="2026-01-01T10:00:00Z" level=error msg="failed to pull image x"', False),
        ('{"level":"info","msg":"connection refused"}', True),
        ("I0101 10:00:00.000000    1 client.go:12] connection refused", True),
        ("E0101 10:00:00.000000    1 client.go:12] connection refused", False),
        ("2026-01-01 10:00:00.123456: W dso_loader.cc:64] libcudart.so.11.0: cannot open", True),
        ("connection refused, retrying", True),
        ("ERROR    ManagedProcess:managed_process.py:345 No space left on device", False),
    ],
)
def test_lines_below_error_level_are_noise(text: str, *, expected: bool) -> None:
    """Warnings, information and shown commands are no evidence; errors are."""
    assert is_noise(text) is expected


def test_what_a_rule_needs_is_asked_of_the_report() -> None:
    """A bare 503 is Hugging Face's only where the report speaks of it."""
    found = rules.builtin()
    rule = next(each for each in found.rules if each.id == "hf-status")
    assert (found.fits(rule, f"503 in {HUB}"), found.fits(rule, "503 elsewhere")) == (True, False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rule = 3", "rules.toml: "),
        ("[[rule]", "rules.toml: "),
        ('[[rule]]\nid = "a"\ncategory = "nonsense"\npattern = "x"', "rules.toml: Invalid enum"),
        ('[[rule]]\nid = "a"\ncategory = "hang"\npattern = "x"\nflag = 1', "unknown field `flag`"),
    ],
)
def test_a_wrong_rules_file_says_what_is_wrong(text: str, sentence: str) -> None:
    """One sentence with the file's name and the place."""
    with pytest.raises(SettingsError, match=sentence):
        rules.parse(text, "rules.toml")


@pytest.mark.parametrize(("pattern", "needs"), [("(?=x)", ""), ("x", "(?=x)")])
def test_a_wrong_pattern_names_its_rule(pattern: str, needs: str) -> None:
    """RE2 has no look-ahead; the error names the rule."""
    rule = Rule(id="mine", category=Category.HANG, pattern=pattern, needs=needs)
    with pytest.raises(SettingsError, match="`mine`"):
        RuleSet([rule])


def test_two_rules_of_one_name_are_refused() -> None:
    """An id names one rule."""
    rule = Rule(id="mine", category=Category.HANG, pattern="x")
    with pytest.raises(SettingsError, match="`mine` is defined twice"):
        RuleSet([rule, rule])
