"""Inputs and the settings file become one value, or one sentence."""

from __future__ import annotations

import pytest

from flakebot.config import Inputs, inputs_from_environ, settings_from
from flakebot.errors import SettingsError
from flakebot.settings import Settings, Thresholds


def test_nothing_given_is_the_defaults() -> None:
    """No inputs and no file are the defaults."""
    assert settings_from({}) == Settings()


def test_the_inputs_of_the_runner_are_read() -> None:
    """Dashes stay in the names, as the runner leaves them; defaults are not taken for given."""
    environ = {
        "INPUT_DRY-RUN": "true",
        "INPUT_JOBS": "build*, test*\nlint",
        "INPUT_MAX-NEW-ISSUES": "5",
        "INPUT_RETRY_MAX_SECONDS": "60",
        "INPUT_TOKEN": "ghs_x",
        "INPUT_RUN-ID": " 12 ",
    }
    inputs = inputs_from_environ(environ)
    expected = {"dry_run": True, "jobs": ("build*", "test*", "lint"), "retry_max_seconds": 60}
    assert expected == inputs.given
    assert (inputs.token, inputs.run_id) == ("ghs_x", "12")


def test_the_tokens_are_not_in_the_representation() -> None:
    """An error report that shows the inputs shows no token."""
    shown = repr(Inputs(given={}, token="ghs_secret", hf_token="hf_secret"))
    assert "secret" not in shown


def test_an_input_wins_over_the_file_and_the_file_over_the_default() -> None:
    """Three sources, one order."""
    file = 'max-new-issues = 2\ncomment = "always"\n[thresholds]\nmin-builds = 20\n'
    settings = settings_from({"max_new_issues": 9}, file)
    expected = Settings(max_new_issues=9, comment="always", thresholds=Thresholds(min_builds=20))
    assert expected == settings


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("COMMENT", "sometimes", "The input `comment` is 'sometimes', which does not fit: "),
        ("MAX-NEW-ISSUES", "many", "The input `max-new-issues` is 'many', which does not fit: "),
        ("MAX-NEW-ISSUES", "-1", "The input `max-new-issues` is '-1', which does not fit: "),
        ("HISTORY", "postgresql://x", "The input `history` is 'postgresql://x', which does not"),
        ("DRY-RUN", "perhaps", "The input `dry-run` is 'perhaps', which does not fit: "),
    ],
)
def test_an_input_that_does_not_fit_is_named(name: str, text: str, sentence: str) -> None:
    """One sentence names the input and what it was."""
    with pytest.raises(SettingsError) as caught:
        inputs_from_environ({f"INPUT_{name}": text})
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = \n", "f.toml is not TOML: Invalid value (at line 1, column 5)."),
        (
            "\nmax_new_issues = 1",
            "f.toml, line 2: `max_new_issues` is no setting; did you mean `max-new-issues`?",
        ),
        ("jobs = ['a']\nzzz = 1", "f.toml, line 2: `zzz` is no setting; there are annotations, "),
        (
            "dry-run = 'no'",
            "f.toml, line 1: `dry-run` is 'no', which does not fit: Expected `bool`, got `str`.",
        ),
        ("thresholds = 1", "f.toml, line 1: `thresholds` must be a table, `[thresholds]`."),
        (
            "max-new-issues = 1\n[limits]\nlog-bytes = 9\n[thresholds]\nmin-builds = 0",
            "f.toml, line 5: `min-builds` is 0, which does not fit: Expected `int` >= 1.",
        ),
        (
            "[thresholds]\nrate-flor = 1",
            "f.toml, line 2: `rate-flor` is no setting; did you mean `rate-floor`?",
        ),
        ("[x]\ny = 1", "f.toml, line 1: `x` is no setting; there are "),
        ("thresholds.'rate-floor' = 'x'", "f.toml, line 1: `rate-floor` is 'x', which does not"),
        ("\r\n[limits] # note\r\nlog-byte = 3", "f.toml, line 3: `log-byte` is no setting"),
        ('[ "limits" ]\n"log-byte" = 3', "f.toml, line 2: `log-byte` is no setting"),
        ("[limits] # log-byte\nline-bytes = 7 # a = 1\nlog-byte = 3", "f.toml, line 3: `log-byte`"),
        ("\nlimits = { log-byte = 3 }", "f.toml, line 2: `log-byte` is no setting"),
        ('jobs = ["a",\n"dry-run = 7",\n]\ndry-run = 7', "f.toml, line 4: `dry-run` is 7"),
        ("bot-login = '\u2028'\n[[limits]]", "f.toml, line 2: `limits` must be a table"),
        ('jobs = ["a"]\n"zz\\u007a" = 1', "f.toml: `zzz` is no setting"),
    ],
)
def test_a_broken_file_names_line_and_key(text: str, sentence: str) -> None:
    """The sentence leads to the line, because a settings file stops everything before any write."""
    with pytest.raises(SettingsError) as caught:
        settings_from({}, text, path="f.toml")
    assert str(caught.value).startswith(sentence)


def test_a_comma_inside_of_parentheses_is_of_the_name() -> None:
    """As jobs of a matrix are called; an open parenthesis keeps nothing together."""
    given = {"INPUT_JOBS": "test (3.11, ubuntu), lint\nbuild (a, b"}
    expected = ("test (3.11, ubuntu)", "lint", "build (a", "b")
    assert inputs_from_environ(given).given["jobs"] == expected


@pytest.mark.parametrize(
    "text",
    [
        "issue-labels = []",
        'issue-labels = [" "]',
        'issue-labels = ["a,b"]',
        "[thresholds]\nwindow-days = 999999",
        "[thresholds]\nclose-quiet-days = 999999",
        "[limits]\nwait-seconds = inf",
        "[limits]\nrequest-seconds = 0",
        'hf-endpoint = "https://my_mirror.example"',
        'hf-endpoint = "https://mirror..example"',
        'hf-endpoint = "https://mirror.example:8443"',
        'hf-endpoint = "http://mirror.example"',
    ],
)
def test_a_setting_beyond_its_bounds_is_refused(text: str) -> None:
    """Rather than a flood of issues, an endless wait, no date, or a mirror that is never asked."""
    with pytest.raises(SettingsError, match="does not fit"):
        settings_from({}, text)
