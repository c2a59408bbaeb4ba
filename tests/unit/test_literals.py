"""What a pattern needs is in every line that it matches."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from flakebot.reading import rules
from flakebot.reading.literals import needed


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\b50[0-4] .{0,80}(?:Bad Gateway|Unavailable)", "(?:Bad Gateway|Unavailable)"),
        (r"^error: could not", "^error: could not"),
        (r"(?i)no space left|Errno 28\b", "(?i:no space left)|(?i:Errno 28)"),
        (r"(?i:no space left).*x", "(?i:no space left)"),
        (r"exit(?:ed with)? code: 137\b", "exit(?:(?:ed with))? code: 137"),
        (r"(ran out)+ of the memory", " of the memory"),
        (r"(?:aaaaaaaaa.*|bbbbbbbbb)cc", "aaaaaaaaa|bbbbbbbbb"),
        (r"x{3}yyyyyyyyyyy\s*", "yyyyyyyyyyy"),
        (r"too short", "too short"),
        (r"short|longer than that", "short|longer than that"),
        (r"(?P<name>not known here)", "(?P<name>not known here)"),
        (r"\pL+ not known here", r"\pL+ not known here"),
        (r"[[:alpha:]]x{2,}\[Rank \d+\] Timeout", r"\] Timeout"),
        (r"not closed here)", r"not closed here)"),
        (r"x{0,3} behind the braces", " behind the braces"),
    ],
)
def test_what_a_pattern_needs(pattern: str, expected: str) -> None:
    """The longest plain text of each alternative; what is short or unknown stays as it is."""
    assert needed(pattern) == expected


@pytest.mark.parametrize("rule", rules.builtin().rules, ids=lambda rule: rule.id)
def test_what_a_rule_needs_is_in_its_examples(rule: rules.Rule) -> None:
    """A line that a rule matches is never passed over."""
    for text in rule.match:
        assert re2.search(needed(rule.pattern), text) is not None


_TEXTS = st.sampled_from(["Connection", "refused: ", "Errno 9", " of memory", "x"])


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda found: f"(?:{'|'.join(found)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,}?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda text: f"(?i:{text})"),
        inner.map(lambda text: f"({text}|(?i){text})"),
    )


_PATTERNS = st.recursive(
    st.one_of(_TEXTS, st.sampled_from([".", r"\d", "[a-f]", r"\b", "^", "$", "[^x]"])), _wrapped
)
_LINES = st.lists(
    st.sampled_from(["Connection", "CONNECTION", "refused: ", "Errno 9", " of memory", "x", "7"]),
    max_size=8,
).map("".join)


@settings(max_examples=300)
@given(_PATTERNS, _LINES)
def test_where_a_pattern_matches_there_is_what_it_needs(pattern: str, line: str) -> None:
    """Whatever the pattern is made of."""
    try:
        match = re2.search(f"(?m){pattern}", line)
    except re2.error:
        return
    if match is not None:
        assert re2.search(f"(?m){needed(pattern)}", line) is not None
