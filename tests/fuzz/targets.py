"""What is fuzzed: each target takes any bytes, and raises nothing but a bug.

Expected errors are named where they are swallowed. What must hold of an answer is asserted.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable

from tests.runner import command_files, commands

from flakebot import action, address, config, event, fingerprint, secrets_mask, untrusted
from flakebot.errors import FlakebotError, InputError, SettingsError
from flakebot.forges.github_archive import LogArchive
from flakebot.frameworks import FRAMEWORKS, junit_xml
from flakebot.github_api import Download
from flakebot.github_api.zips import BROKEN
from flakebot.github_objects import Job
from flakebot.hugging_face import addresses
from flakebot.ledgers import lines as ledger_lines
from flakebot.logs import Reader
from flakebot.model import Category, JUnitFile
from flakebot.reading import junit_merge, rules
from flakebot.reading.classify import read_log
from flakebot.reading.readings_json import to_json
from flakebot.records import CauseEntry
from flakebot.reproduction import asking
from flakebot.settings import Limits
from flakebot.views import codeowners

LIMITS = Limits(log_bytes=1_000_000, line_bytes=4_000)
JOBS = tuple(Job(id=number, name=name) for number, name in enumerate(("test", "build (x)", "é/1")))
DELIMITER = "flakebot_delimiter"


def _sentence(error: FlakebotError) -> None:
    """An expected error says something."""
    assert str(error).strip()


def log(data: bytes) -> None:
    """A whole log, in pieces of any size; the answer is JSON, and the same whatever the pieces."""
    size = 1 + data[0] * 7 if data else 1
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    found = read_log("log", pieces, rules.builtin(), LIMITS)
    json.dumps(to_json([found], []))
    assert found == read_log("log", [data], rules.builtin(), LIMITS)


def frameworks(data: bytes) -> None:
    """Each parser alone is shown every line, and never asked whether it wants to."""
    lines = list(Reader(LIMITS).lines([data]))
    for module in FRAMEWORKS.values():
        parser = module.parser()
        for line in lines:
            parser.feed(line)
        parser.result()


def xml(data: bytes) -> None:
    """A JUnit file, and a log that it is merged into."""
    found = junit_xml.parse(
        JUnitFile(artifact="a", name="junit.xml", content=data), secrets_mask.mask
    )
    if isinstance(found, junit_xml.JUnitReading):
        junit_merge.merge(read_log("log", [data], rules.builtin(), LIMITS), [found])


def archive(data: bytes) -> None:
    """The archive of a run's logs; never more than the limit comes out of it."""
    download = Download(file=io.BytesIO(data), complete=True)
    try:
        found = LogArchive(download, JOBS, 10_000)
    except BROKEN:
        return
    for job in JOBS:
        if (member := found.read(job)) is not None:
            assert sum(map(len, member.chunks())) <= 10_000
            member.close()


def events(data: bytes) -> None:
    """The event of a run as the runner leaves it, under any name."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            payload = action.read_event(file.name)
        except InputError:
            return
    for name in ("workflow_run", "push", "schedule", data[:20].decode(errors="replace")):
        try:
            event.find_task(name, payload, run_id=str(payload.get("run_id", "")))
        except InputError as error:
            _sentence(error)


def settings(data: bytes) -> None:
    """The settings file, with a project's rules, and the inputs."""
    text = data.decode(errors="replace")
    for read in (
        lambda: config.settings_from({}, text),
        lambda: config.rules_from(text),
        lambda: config.inputs_from_environ(
            {f"INPUT_{name.upper()}": text for name in config.INPUTS}
        ),
    ):
        try:
            read()
        except SettingsError as error:
            _sentence(error)


def command(data: bytes) -> None:
    """What goes to the runner: it finds no command in it, and reads outputs as they were."""
    text = data.decode(errors="replace")
    assert commands.parse(untrusted.plain_line(text)) is None
    line = f"::error title={untrusted.command_property(text)}::{untrusted.command_data(text)}"
    found = commands.parse(line)
    assert found is not None
    assert found.name == "error"
    assert set(found.properties) <= {"title"}
    try:
        written = untrusted.output_value("verdict", text, DELIMITER)
    except InputError:
        return
    assert command_files.pairs(written) == {"verdict": text}


def options(data: bytes) -> None:
    """What people write on the command line."""
    text = data.decode(errors="replace")
    for read in (
        lambda: address.parse(text),
        lambda: asking.levels(text, load=0, random_order=False),
        lambda: asking.shard(text),
        lambda: asking.variants([text]),
        lambda: asking.words(text, "--arguments"),
        lambda: asking.share(text, "--confidence"),
        lambda: asking.environment([text]),
    ):
        try:
            read()
        except FlakebotError as error:
            _sentence(error)


def hub_addresses(data: bytes) -> None:
    """Addresses are only ever our own host's."""
    text = data.decode(errors="replace")
    cause = CauseEntry(
        category=Category.HF_FETCH, rule="hf-status", line=1, text=text, excerpt=(text,)
    )
    found = addresses.addresses([cause])
    assert len(found) <= addresses.MOST
    assert all(each.startswith(f"{addresses.HUB}/") and ".." not in each for each in found)
    addresses.model_of(cause)


def texts(data: bytes) -> None:
    """What makes text of strangers harmless takes any text, and what was masked stays masked."""
    text = data.decode(errors="replace")
    masked = secrets_mask.mask(text)
    assert secrets_mask.mask(masked) == masked
    fingerprint.fingerprint(Category.EXCEPTION, text)
    for make in (untrusted.code_span, untrusted.table_code, untrusted.inline, untrusted.terminal):
        assert "\n" not in make(text)
    untrusted.fence(text.splitlines())
    assert "/" not in untrusted.file_name(text)


def owners(data: bytes) -> None:
    """A CODEOWNERS file."""
    text = data.decode(errors="replace")
    entries = codeowners.parse(text)
    for path in ("tests/test_a.py", "a", *text.split()[:3]):
        codeowners.owners(entries, path)


def ledger(data: bytes) -> None:
    """A file of the ledger, which somebody may have edited by hand."""
    ledger_lines.decode("2026/03.jsonl", data)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "log": log,
    "frameworks": frameworks,
    "xml": xml,
    "archive": archive,
    "events": events,
    "settings": settings,
    "command": command,
    "options": options,
    "hub_addresses": hub_addresses,
    "texts": texts,
    "owners": owners,
    "ledger": ledger,
}
"""By name, as `make fuzz TARGET=…` takes it."""
