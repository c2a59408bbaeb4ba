"""A secret in a log does not reach the record that every view is rendered from."""

from __future__ import annotations

import msgspec
import pytest
from tests.unit.test_recording import read, recorded
from tests.unit.test_secrets_mask import LETTERS, SECRETS

from flakebot.reading import classify
from flakebot.reading.project_rules import none
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
        "______________ test_b ______________",
        f"E       ValueError: {said}",
        said,
        "tests/test_a.py:3: ValueError",
        "=========================== short test summary info ============================",
        f"FAILED {name} - ValueError: {said}",
        "============================== 1 failed in 1.01s ===============================",
        "##[error]Process completed with exit code 1.",
    ]
    return "".join(f"{line}\n" for line in lines)


def left(said: str) -> str:
    """Everything that the record of such a log holds."""
    reading = classify.read_log("log", [log(said).encode()], none().rules, Limits())
    found = recorded(read(reading))
    assert found.jobs[0].tests
    return msgspec.json.encode(found).decode()


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


def test_a_test_keeps_its_name_when_a_parameter_is_masked() -> None:
    """Two runs with two tokens are then of one test."""
    for word in ("hunter2", "hunter3"):
        assert '"id":"tests/test_a.py::test_b[https://***@h/x]"' in left(f"https://u:{word}@h/x")


def test_what_github_masked_stays() -> None:
    """`***` of the runner's own is not masked again."""
    assert '"id":"tests/test_a.py::test_b[token ***]"' in left("token ***")
