"""A secret in a log does not reach the record that every view is rendered from."""

from __future__ import annotations

import msgspec
import pytest
from tests.unit.test_recording import read, recorded
from tests.unit.test_secrets_mask import LETTERS, SECRETS

from flakebot.config import rules_from
from flakebot.frameworks import junit_cases, junit_xml
from flakebot.frameworks.junit_xml import JUnitReading
from flakebot.model import JUnitFile
from flakebot.reading import classify, readings_json
from flakebot.reading.project_rules import none
from flakebot.reading.rules import RuleSet
from flakebot.secrets_mask import mask
from flakebot.settings import Limits

WRAPPED = "\n".join(["-----BEGIN RSA PRIVATE " + "KEY-----", *[LETTERS + "0123456789/+"] * 3])
"""A private key over several lines, whose end is missing."""

WAYS = {
    "as it is": "{}",
    "coloured": "\x1b[32m{}\x1b[0m",
    "in an address": "https://u:{}@h/x",
    "in JSON": '{{"token": "{}"}}',
}


def log(said: str) -> str:
    """A log of pytest in which a test with a text in its id and message failed."""
    name = f"tests/test_a.py::test_b[{said}]"
    lines = [
        "============================= test session starts ==============================",
        "collected 1 item",
        f"{name} FAILED [100%]",
        "=================================== FAILURES ===================================",
        f"______________ test_b[{said}] ______________",
        f"E       ValueError: {said}",
        said,
        "tests/test_a.py:3: ValueError",
        "=========================== short test summary info ============================",
        f"FAILED {name} - ValueError: {said}",
        "============================== 1 failed in 1.01s ===============================",
        "##[error]Process completed with exit code 1.",
    ]
    return "".join(f"{line}\n" for line in lines)


def left(said: str, rules: RuleSet | None = None) -> str:
    """Everything that the record of such a log holds, and all that `classify` tells of it."""
    reading = classify.read_log("log", [log(said).encode()], rules or none().rules, Limits())
    found = recorded(read(reading))
    assert found.jobs[0].tests
    told = (found, readings_json.to_json([reading], []))
    return msgspec.json.encode(told).decode()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_is_in_no_field(secret: str, way: str) -> None:
    """Neither in messages and excerpts nor in the ids of tests."""
    assert secret not in left(WAYS[way].format(secret))


@pytest.mark.parametrize("split", ["\x1b[1m", "\x1b[0m\x1b[31m", "\x1b[K"])
@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_that_colours_split_is_whole_again_before_it_is_masked(
    secret: str, split: str
) -> None:
    """As a tool that highlights a part of its output prints it."""
    assert secret not in left(f"{secret[:9]}{split}{secret[9:]}")


def test_a_key_over_several_lines_is_masked() -> None:
    """Each line of it, also where its end is missing."""
    assert LETTERS not in left(WRAPPED)


@pytest.mark.parametrize("at", [6, 12, 20, -1])
@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_that_the_terminals_width_broke_is_masked(secret: str, at: int) -> None:
    """Both its halves, in the report of a test and in the output around evidence."""
    halves = [half for half in (secret[:at], secret[at:]) if len(half) > 10]
    rows = [f"E       ValueError: denied for {secret[:at]}", f"E       {secret[at:]}"]
    report = log("x").replace("E       ValueError: x", "\n".join(rows))
    job = "\n".join(
        [f"denied for {secret[:at]}", secret[at:], "No space left on device", "##[error]"]
    )
    for text in (report, f"{job}Process completed with exit code 1.\n"):
        reading = classify.read_log("log", [text.encode()], none().rules, Limits())
        told = msgspec.json.encode((recorded(read(reading)), reading)).decode()
        assert "denied for ***" in told
        assert [half for half in halves if half in told] == []


@pytest.mark.parametrize("before", [940, 960, 999])
def test_a_secret_at_the_place_where_a_line_is_cut_is_masked(before: int) -> None:
    """Half a token has no known shape, so that it is masked before anything is cut."""
    assert SECRETS[0][:20] not in left(f"{'x ' * (before // 2)}{SECRETS[0]}")


def fingerprints(said: str) -> set[str]:
    """Of the causes of such a log."""
    reading = classify.read_log("log", [log(said).encode()], none().rules, Limits())
    return {cause.fingerprint for cause in reading.causes}


def test_a_cause_keeps_its_fingerprint_when_a_secret_changes() -> None:
    """And nobody can try passwords against the fingerprint, which is published."""
    assert fingerprints("login https://u:hunter2@h/x") == fingerprints("login https://u:word@h/x")
    assert fingerprints("login https://u:hunter2@h/x") != fingerprints("no login https://u:w@h/x")


PROJECT = 'secret-patterns = ["corp-[a-z]{12}"]'
OWN = "corp-abcdefghijkl"


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_of_the_projects_own_is_in_no_field(way: str) -> None:
    """It looks like nothing known, and the project says what it looks like."""
    said = WAYS[way].format(OWN)
    assert OWN not in left(said, rules_from(PROJECT).rules)


def test_a_junit_file_is_masked_by_the_same_patterns() -> None:
    """Its names of tests, messages and texts, also over lines."""
    text = f"line\nE   denied for {OWN[:9]}\nE   {OWN[9:]}\n"
    content = (
        f'<testsuite><testcase classname="c_{OWN}" name="t[{OWN}]">'
        f'<failure type="KeyError" message="{OWN}">{text}</failure></testcase></testsuite>'
    ).encode()
    file = JUnitFile(artifact="a", name="x.xml", content=content)
    own = rules_from(PROJECT).rules.mask
    plain, shown = (junit_xml.parse(file, each) for each in (mask, own))
    assert isinstance(shown, JUnitReading)
    assert OWN[:9] in repr(plain)
    assert "corp" not in repr(shown)
    assert OWN[9:] not in repr(shown)
    assert shown.tests[0].excerpt == ("line", "E   denied for ***", "E   ***")


def test_a_text_that_a_junit_reader_cut_ends_with_a_whole_line() -> None:
    """Half a token at its end would have no known shape."""
    room = junit_cases.MAX_TEXT - 30
    text = f"{'x' * room}\nsaid\n{SECRETS[0]}\nmore"
    content = f"<testsuite><testcase name='t'><failure>{text}</failure></testcase></testsuite>"
    shown = junit_xml.parse(JUnitFile(artifact="a", name="x.xml", content=content.encode()), mask)
    assert isinstance(shown, JUnitReading)
    assert shown.tests[0].excerpt[-1] == "said"


def test_a_test_keeps_its_name_when_a_parameter_is_masked() -> None:
    """Two runs with two tokens are then of one test."""
    for word in ("hunter2", "hunter3"):
        assert '"id":"tests/test_a.py::test_b[https://***@h/x]"' in left(f"https://u:{word}@h/x")


def test_what_github_masked_stays() -> None:
    """`***` of the runner's own is not masked again."""
    assert '"id":"tests/test_a.py::test_b[token ***]"' in left("token ***")
