"""Hugging Face's signatures: transient, permanent or nothing, judged by the innermost error.

The logs in `fixtures/hugging_face` are of real clients; a test in them is named for what flakebot
must make of its failure. The tables add what other versions print.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from flakebot.hugging_face.addresses import addresses
from flakebot.model import Category, Cause, LogReading
from flakebot.reading import rules
from flakebot.reading.classify import read_log
from flakebot.records import CauseEntry
from flakebot.settings import Limits

RECORDED = sorted((Path(__file__).parent.parent / "fixtures" / "hugging_face").glob("*.log"))
STEPS = sorted((RECORDED[0].parent / "steps").glob("*.log"))
LASTING = frozenset({"vllm-0.32-serve-403-gated", "vllm-0.32-serve-404-repository"})
VERDICTS = {"test_transient": Category.HF_FETCH, "test_permanent": Category.HF_ACCESS}
HIDDEN = {
    # Of every connection that failed it says only that its client has been closed.
    ("hub-1.9-file", "test_permanent[self-signed]"),
    # The chain is cut before the status; asking again settles it.
    ("datasets-3", "test_permanent[403]"),
    ("datasets-3", "test_permanent[403-disabled]"),
    ("datasets-5", "test_permanent[403]"),
    ("datasets-5", "test_permanent[403-disabled]"),
    # A configuration that is missing is read as an empty one.
    ("transformers-4", "test_permanent[404-entry]"),
    ("transformers-5", "test_permanent[404-entry]"),
}
"""What a client leaves out of its log: no reader can know it."""

SIGNATURES = tomllib.loads((RECORDED[0].parent / "signatures.toml").read_text(encoding="utf-8"))

SCRIPT = """\
##[group]Run python main.py
##[endgroup]
Traceback (most recent call last):
  File "/opt/venv/lib/python3.11/site-packages/huggingface_hub/file_download.py", line 1, in x
{}
##[error]Process completed with exit code 1.
"""
TEST = """\
##[group]Run pytest
##[endgroup]
============================= test session starts ==============================
collected 1 item

test_x.py F                                                              [100%]

=================================== FAILURES ===================================
____________________________________ test_a ____________________________________
test_x.py:3: in test_a
    AutoConfig.from_pretrained(name)
/opt/venv/lib/python3.11/site-packages/huggingface_hub/file_download.py:12: in x
    raise
E   {}
{}=========================== short test summary info ============================
FAILED test_x.py::test_a - x
============================== 1 failed in 0.10s ===============================
##[error]Process completed with exit code 1.
"""
NAMELESS = CauseEntry(category=Category.HF_FETCH, rule="x", line=1, text="no repository")
CAPTURED = "----------------------------- Captured log call -----------------------------\n"


def read(text: str) -> LogReading:
    return read_log("log", [text.encode()], rules.builtin(), Limits())


def first(text: str) -> Category | None:
    """The category of the first cause of a log."""
    causes = read(text).causes
    return causes[0].category if causes else None


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_failure_of_a_real_client_is_told(path: Path) -> None:
    """Transient failures are Hugging Face's, permanent ones the configuration's."""
    found = read(path.read_text(encoding="utf-8"))
    wrong = {}
    for test in found.tests:
        name = test.id.rpartition("::")[2]
        wanted = VERDICTS[name.partition("[")[0]]
        if test.category is not wanted and (path.stem, name) not in HIDDEN:
            wrong[name] = (test.category, found.causes[test.cause].text)
    assert wrong == {}
    assert len(found.tests) > 15


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_why_a_server_did_not_start_is_told(path: Path) -> None:
    """What the client met, and not the stack of the server around it."""
    causes = read(path.read_text(encoding="utf-8")).causes
    wanted = Category.HF_ACCESS if path.stem in LASTING else Category.HF_FETCH
    assert {cause.category for cause in causes} == {wanted}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_address_of_every_failure_is_rebuilt(path: Path) -> None:
    """Whatever a real client prints, only our own host is asked, and for what its log names."""
    found = read(path.read_text(encoding="utf-8"))
    asked = {address for cause in found.causes for address in _addresses(cause)}
    assert asked
    assert all(address.startswith("https://huggingface.co/") for address in asked)
    assert all("/resolve/" in address for address in asked)
    named = asked - {*addresses([NAMELESS])}
    assert all("/faults/" in address for address in named)
    assert named


def _addresses(cause: Cause) -> tuple[str, ...]:
    return addresses(
        [
            CauseEntry(
                category=cause.category,
                rule=cause.rule,
                line=cause.line,
                text=cause.text,
                excerpt=cause.excerpt,
            )
        ]
    )


@pytest.mark.parametrize("line", SIGNATURES["transient"])
def test_what_may_pass_is_hugging_faces(line: str) -> None:
    """In a script's traceback and in a test's."""
    assert first(SCRIPT.format(line)) is Category.HF_FETCH
    assert first(TEST.format(line, "")) is Category.HF_FETCH


@pytest.mark.parametrize("line", SIGNATURES["permanent"])
def test_what_cannot_pass_is_the_configurations(line: str) -> None:
    """It is never asked again."""
    assert first(SCRIPT.format(line)) is Category.HF_ACCESS
    assert first(TEST.format(line, "")) is Category.HF_ACCESS
    assert [_addresses(cause) for cause in read(SCRIPT.format(line)).causes] == [()]


@pytest.mark.parametrize("line", SIGNATURES["nothing"])
def test_a_warning_is_nothing(line: str) -> None:
    """Neither in the captured log of a test that failed otherwise nor in a script's output."""
    assert first(TEST.format("assert 1 == 2", f"{CAPTURED}{line}\n")) is Category.ASSERTION
    script = SCRIPT.format(f"{line}\nRetrying in 1s [Retry 1/5].\nValueError: no such model")
    assert first(script) is Category.EXCEPTION


@pytest.mark.parametrize(
    "inner",
    [
        "OfflineModeIsEnabled: Cannot reach x: offline mode is enabled",
        "GatedRepoError: 403 Client Error.",
        "HfHubHTTPError: 403 Forbidden: None.",
    ],
)
def test_the_innermost_error_decides(inner: str) -> None:
    """The same outer text covers what passes and what does not."""
    outer = "huggingface_hub.errors.LocalEntryNotFoundError: An error happened while trying to"
    told = "The above exception was the direct cause of the following exception:"
    chain = f"huggingface_hub.errors.{inner}\n\n{told}\n\n{outer}"
    assert first(SCRIPT.format(chain)) is Category.HF_ACCESS
    assert first(SCRIPT.format(outer)) is Category.HF_FETCH


URL = "https://huggingface.co/org/tiny/resolve/main/config.json"
TRIED = f"'Read timed out' thrown while requesting HEAD {URL}"
STEP, END = "##[group]Run x\n##[endgroup]\n", "##[error]Process completed with exit code 1.\n"
WAITS = "Retrying in 8s [Retry 5/5]."


def test_a_client_that_gave_up_is_evidence_where_there_is_none_else() -> None:
    """The last try was announced as no next one, and the step failed without another word."""
    assert first(f"{TRIED}\n{WAITS}\n{TRIED}\nshutting down\n") is Category.HF_FETCH
    assert first(f"{STEP}{TRIED}\n{END}") is Category.HF_FETCH


@pytest.mark.parametrize(
    "text",
    [
        f"{TRIED}\n{WAITS}\ndone\n",
        f"{TRIED}\nRate limited. Waiting 48.0s before retry [Retry 1/5].\ndone\n",
        "'x' thrown while requesting HEAD https://mirror.example/x\n",
        f"{STEP}{TRIED}\n{STEP}no\n{END}",
    ],
)
def test_a_client_that_went_on_is_none(text: str) -> None:
    """A retry was announced, it was not Hugging Face, or the step went well."""
    assert first(text) in {None, Category.UNKNOWN}
