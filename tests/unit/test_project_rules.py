"""Rules of a project: which hold, where they stand, and what is said of the others."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.config import rules_from, settings_from
from flakebot.errors import SettingsError
from flakebot.reading import project_rules, rules
from flakebot.reading.classify import read_log
from flakebot.reading.project_rules import ProjectRules
from flakebot.reading.rules import Rule
from flakebot.settings import Limits

SOUND = {
    "id": "mine",
    "category": "build-error",
    "pattern": r"my tool failed \d+",
    "match": ["my tool failed 3"],
    "no_match": ["my tool passed"],
}
LOG = b"my tool failed 3\nNo space left on device\n##[error]Process completed with exit code 1.\n"


def _read(*changes: Mapping[str, object]) -> ProjectRules:
    return project_rules.read([{**SOUND, **each} for each in changes], "f.toml")


def _winner(found: ProjectRules, log: bytes = LOG) -> str:
    return read_log("log", [log], found.rules, Limits()).causes[0].rule


def test_without_rules_the_built_in_ones_hold() -> None:
    """No key, and an empty list."""
    assert rules_from("max-new-issues = 1").rules is rules.builtin()
    assert rules_from(None) == project_rules.read([], "f.toml") == project_rules.none()


def test_rules_of_a_project_are_asked_first() -> None:
    """In the order of the file, and before every built-in rule."""
    found = _read({}, {"id": "second", "pattern": "other", "match": ["other"]})
    first = rules.builtin().rules[0].id
    assert [rule.id for rule in found.rules.rules][:3] == ["mine", "second", first]
    assert found.faults == ()


def test_a_rule_that_another_one_hides_is_left_out() -> None:
    """Its first example must be its own."""
    (fault,) = _read({}, {"id": "second", "pattern": "my tool failed"}).faults
    assert fault == (
        "f.toml, rule `second`, `match`: the first example goes to `mine`, "
        "which is asked before it; the rule is left out."
    )


def test_a_rule_of_a_project_wins_over_a_built_in_one() -> None:
    """The same log is told by it that the built-in rule told."""
    assert _winner(project_rules.none()) == "disk-full"
    assert _winner(_read({})) == "mine"


def test_a_rule_for_a_symptom_stands_where_it_asks_to() -> None:
    """`before` names the built-in rule it beats; what stands above that beats it."""
    found = _read({"before": "exit-code"})
    ids = [rule.id for rule in found.rules.rules]
    assert ids.index("mine") + 1 == ids.index("exit-code")
    assert _winner(found) == "disk-full"
    assert _winner(found, LOG.replace(b"No space", b"Much space")) == "mine"


def test_a_hang_is_told_before_any_rule() -> None:
    """The two causes that need no rule keep their place and their names."""
    found = _read({"id": "silence-before-the-end"}, {"id": "no-report"})
    assert [rule.id for rule in found.own] == []
    assert found.faults[0] == (
        "f.toml, rule `silence-before-the-end`, `id`: is the name of a built-in rule; "
        "the rule is left out."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "Mine"}, "`Mine`, `id`: is no name in kebab-case of at most 60 characters"),
        ({"id": "../x"}, "`../x`, `id`: is no name in kebab-case"),
        ({"id": "a" * 61}, "`id`: is no name in kebab-case"),
        ({"id": "disk-full"}, "`disk-full`, `id`: is the name of a built-in rule"),
        ({"id": 3}, "`number 1`, `id`: 3 does not fit: Expected `str`, got `int`"),
        ({"category": "hangs"}, "`mine`, `category`: 'hangs' does not fit (did you mean `hang`?)"),
        ({"category": "x"}, "`category`: 'x' does not fit: Invalid enum value 'x'"),
        ({"scope": "jobs"}, "`scope`: 'jobs' does not fit: Invalid enum value 'jobs'"),
        ({"patern": "x"}, "`mine`, `patern`: is no key of a rule (did you mean `pattern`?)"),
        ({"zzz": "x"}, "`mine`, `zzz`: is no key of a rule; the rule is left out."),
        ({"pattern": "("}, "`mine`, `pattern`: RE2 cannot read it: missing ): (;"),
        ({"pattern": r"(a)\1"}, "`pattern`: RE2 cannot read it: invalid escape sequence"),
        ({"pattern": "a(?=b)"}, "`pattern`: RE2 cannot read it: invalid perl operator"),
        ({"pattern": "x" * 1001}, "`mine`, `pattern`: is longer than 1000 characters"),
        ({"pattern": "(?:a{100}){100}"}, "`pattern`: RE2 cannot read it: invalid repetition size"),
        ({"pattern": r"\pL{100}"}, "`pattern`: is too large ("),
        ({"pattern": r"\Amy tool"}, "`pattern`: a rule sees one line: write `^` and `$`"),
        ({"pattern": "(?-m)^my tool"}, "`pattern`: a rule sees one line"),
        ({"pattern": "my\ntool"}, "`pattern`: a rule sees one line"),
        ({"needs": "["}, "`mine`, `needs`: RE2 cannot read it: missing ]: [;"),
        ({"match": []}, "`mine`, `match`: needs an example;"),
        ({"no_match": []}, "`mine`, `no_match`: needs an example;"),
        ({"match": ["other"]}, "`mine`, `match`: does not match 'other';"),
        ({"match": ["o" * 100]}, f"`match`: does not match '{'o' * 80}…';"),
        ({"match": ["INFO my tool failed 1"]}, "`match`: 'INFO my tool failed 1' is below error"),
        ({"no_match": ["my tool failed 9"]}, "`mine`, `no_match`: matches 'my tool failed 9';"),
        ({"match": ["my tool failed 1"] * 51}, "`match`: holds more than 50 lines"),
        ({"match": ["my tool failed 1" * 500]}, "`match`: holds more than"),
        ({"before": "disk-ful"}, "`before`: there is no built-in rule 'disk-ful' (did you mean `d"),
        ({"before": "zzz"}, "`mine`, `before`: there is no built-in rule 'zzz';"),
    ],
)
def test_a_faulty_rule_is_one_sentence_and_left_out(
    change: Mapping[str, object], sentence: str
) -> None:
    """It names the file, the rule and the key; the other rules hold."""
    found = _read(change, {"id": "other", "pattern": "other", "match": ["other"]})
    (fault,) = found.faults
    assert fault.startswith("f.toml, rule `")
    assert sentence in fault
    assert [rule.id for rule in found.own] == ["other"]


def test_examples_below_error_level_need_not_be_excluded() -> None:
    """A line that no rule is asked about may match and stand in `no_match`."""
    assert _read({"no_match": ["INFO my tool failed 1"]}).faults == ()


def test_a_missing_key_is_named() -> None:
    """`id`, `category` and `pattern` must be there."""
    (fault,) = project_rules.read([{"id": "mine", "category": "lint"}], "f.toml").faults
    assert fault == "f.toml, rule `mine`, `pattern`: is missing; the rule is left out."


def test_what_is_no_list_of_tables_is_said() -> None:
    """`[rule]` instead of `[[rule]]`, and a list of something else."""
    (fault,) = rules_from('[rule]\nid = "x"', path="f.toml").faults
    assert fault == "f.toml: `rule` is no list of tables: write `[[rule]]` above each."
    (fault,) = rules_from("rule = [3]", path="f.toml").faults
    assert fault == "f.toml, rule `number 1`, `rule`: is no table; the rule is left out."


def test_one_name_for_two_rules_is_said() -> None:
    """The first one holds."""
    found = _read({}, {})
    assert (len(found.own), len(found.faults)) == (1, 1)
    assert "`mine`, `id`: is defined twice" in found.faults[0]


def test_there_is_an_end_to_rules_and_to_sentences() -> None:
    """What a file may bring is bounded, and what is left out is said."""
    found = _read(*({"id": "x"} for _ in range(project_rules.MOST + 1)))
    assert len(found.faults) == project_rules.MOST_PROBLEMS + 1
    assert found.faults[-1] == "and 180 more faults of rules"


def test_a_faulty_rule_does_not_touch_the_settings() -> None:
    """The other settings of the file hold."""
    text = 'max-new-issues = 2\n[[rule]]\nid = "x"\n[thresholds]\nmin-builds = 3\n'
    settings = settings_from({}, text)
    assert (settings.max_new_issues, settings.thresholds.min_builds) == (2, 3)
    assert len(rules_from(text).faults) == 1


def test_the_other_name_is_suggested() -> None:
    """`[[rules]]` is a likely slip."""
    with pytest.raises(SettingsError, match="did you mean `rule`"):
        settings_from({}, '[[rules]]\nid = "x"\n')


def test_toml_that_nests_without_end_is_one_sentence() -> None:
    """The parser's own limit is no bug of flakebot."""
    with pytest.raises(SettingsError, match="is not TOML"):
        rules_from("a = " + "[" * 100_000)


@given(st.dictionaries(st.sampled_from([*SOUND, "needs", "scope", "before"]), st.text(max_size=30)))
def test_any_text_is_a_rule_or_a_sentence(change: dict[str, str]) -> None:
    """No value of a key is an exception."""
    found = project_rules.read([{**SOUND, **change}], "f.toml")
    assert len(found.own) + len(found.faults) == 1


HOSTILE = (
    r"(?:a+)+$",
    r"(?:a|a)*b",
    r"a.{300}b",
    r"(?:.*a){20}b",
    r"^(?:\w+\s?)*$x",
)


@pytest.mark.parametrize("pattern", HOSTILE)
def test_no_pattern_takes_more_than_linear_time(pattern: str) -> None:
    """Eight times the text takes about eight times as long, not sixty-four times."""
    (fault,) = _read({"pattern": pattern, "match": []}).faults
    assert "`match`: needs an example" in fault  # so the pattern itself is taken
    category = rules.builtin().rules[0].category
    found = rules.RuleSet([Rule(id="x", category=category, pattern=pattern)])

    def seconds(size: int) -> float:
        """Of this process, the best of three: others may be busy on the machine."""
        text = "a" * size
        took = []
        for _ in range(3):
            begin = time.process_time()
            found.search(text, "job")
            took.append(time.process_time() - begin)
        return min(took)

    assert seconds(800_000) < 24 * max(seconds(100_000), 0.002)
