"""A project's patterns of secrets are checked before anything is read, each fault one sentence."""

from __future__ import annotations

import pytest

from flakebot.config import rules_from, settings_from
from flakebot.errors import SettingsError
from flakebot.reading import rules, secret_patterns

WHERE = ".github/flakebot.toml, line 1: `secret-patterns`"


def test_patterns_hide_beside_the_built_in_ones() -> None:
    """They are settings, and the rules that read the logs know them."""
    text = r"secret-patterns = ['corp-[0-9a-f]{8}', '(?i)badge \d{6}']"
    assert settings_from({}, text).secret_patterns == ("corp-[0-9a-f]{8}", r"(?i)badge \d{6}")
    known = rules_from(text).rules
    assert known.mask("corp-0123abcd, BADGE 123456, u:p@h, https://u:p@h") == (
        "***, ***, u:p@h, https://***@h"
    )
    assert known.rules == rules.builtin().rules
    assert rules.builtin().mask("corp-0123abcd") == "corp-0123abcd"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("'a('", ", pattern 1: RE2 cannot read it: missing ): a(."),
        ("'corp-x', 'b['", ", pattern 2: RE2 cannot read it: missing ]: [."),
        (f"'{'a' * 501}'", ", pattern 1: it is longer than 500 characters."),
        (
            "'x.{900}'",
            ", pattern 1: it is too large (7205 instructions of 1000): repeat less often.",
        ),
        (
            "'.*'",
            ", pattern 1: it would hide something in the ordinary line 'FAILED tests/router/",
        ),
        ("''", ", pattern 1: it would hide something in the ordinary line 'FAILED"),
        (", ".join(f"'corp-{n}'" for n in range(21)), " holds 21 patterns; 20 are the most."),
        ("1", " is [1], which does not fit: Expected `str`, got `int`."),
    ],
)
def test_a_faulty_pattern_stops_the_run_with_one_sentence(text: str, said: str) -> None:
    """Left out like a faulty rule, it would let through what it was to hide."""
    for read in (rules_from, lambda text: settings_from({}, text)):
        with pytest.raises(SettingsError) as caught:
            read(f"secret-patterns = [{text}]")
        assert str(caught.value).startswith(f"{WHERE}{said}")


def test_the_largest_set_of_patterns_can_be_joined() -> None:
    """So that each pattern by itself is all that a project must think of."""
    most = [rf"corp{n}-\w{{60}}\.[a-z]{{60}}" for n in range(secret_patterns.MOST)]
    assert secret_patterns.masker(most, "x")("corp7-" + "a" * 60 + "." + "b" * 60) == "***"


def test_two_patterns_may_name_a_group_alike() -> None:
    masker = secret_patterns.masker([r"(?P<id>corp-\d{9})", r"(?P<id>badge-\d{9})"], WHERE)
    assert masker("corp-123456789 or badge-123456789") == "*** or ***"
