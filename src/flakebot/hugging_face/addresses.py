"""Which addresses of Hugging Face to ask again, rebuilt from what causes say. Pure.

A log is hostile, so no address is copied from it: repository, revision and file are parsed by
strict patterns, checked, quoted and put behind our own host. Asked is the resolver, whose quota is
six times that of the API (https://huggingface.co/docs/hub/rate-limits), and never a file of
weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

import re2

from flakebot.errors import InputError
from flakebot.model import Category, value
from flakebot.records import CauseEntry

HUB = "https://huggingface.co"
MOST = 10
"""Addresses of one run: one outage shows in the first already."""

_HEAVY = (
    ".safetensors", ".bin", ".gguf", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".msgpack", ".npz",
    ".parquet", ".arrow", ".zip", ".tar", ".gz",
)  # fmt: skip
_SMALL = {"": "config.json", "datasets/": "README.md", "spaces/": "README.md"}
"""The file every repository of a kind has, when none is named."""

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,95}[A-Za-z0-9_])?"
_REPOSITORY = rf"(?P<repository>{_NAME}(?:/{_NAME})?)"
_REVISION = r"(?P<revision>[A-Za-z0-9](?:[A-Za-z0-9._%-]{0,120}[A-Za-z0-9])?)"
_FILE = r"(?P<file>[A-Za-z0-9_.][A-Za-z0-9._/%+-]{0,250})"
_KIND = r"(?:(?P<kind>datasets|spaces|models)/)"
_HOST = r"(?:https?://[^\s/'\"<>()\\]+|(?:^|[\s'\"(=]))/"
_END = r"\.?(?:[?#'\"`)\s,;:<>\\]|$)"
_PATTERNS = tuple(
    re2.compile("(?m)" + pattern)
    for pattern in (
        rf"{_HOST}{_KIND}?{_REPOSITORY}/(?:resolve|raw|blob)/{_REVISION}/{_FILE}",
        rf"{_HOST}api/resolve-cache/{_KIND}{_REPOSITORY}/{_REVISION}/{_FILE}",
        rf"{_HOST}api/{_KIND}{_REPOSITORY}/(?:revision|tree|paths-info|xet-read-token)/{_REVISION}",
        rf"{_HOST}api/{_KIND}{_REPOSITORY}{_END}",
        rf"Failed to download file '{_FILE}' from model '{_REPOSITORY}'",
        rf"Failed to fetch model '{_REPOSITORY}'(?: at revision '{_REVISION}')? from HuggingFace",
        rf"ModelExpress download failed for model '{_REPOSITORY}'",
        rf"Failed to pre-download required Hugging Face models:\s+(?:E\s+)?{_REPOSITORY}: ",
        rf"Failed to pre-download {_REPOSITORY}: ",
        rf"specific connection error when trying to load {_REPOSITORY}:",
        rf"and it looks like {_REPOSITORY} is not the path to a directory",
    )
)
_DATA_SETS = re2.compile(rf"Couldn't (?:find|reach) '{_REPOSITORY}' on the (?:Hugging Face )?Hub")
_TOLD_BY_STATUS = frozenset({"hf-repository", "hf-token", "hf-denied"})
"""The rules of refusals that may have several reasons; the others say which it is."""

_UNAUTHORIZED = re2.compile(r"\b401\b|Invalid username or password|Invalid user token")
_ENDPOINT = re2.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._/-]*)?")
_PLAIN_FILE = re2.compile(r"[A-Za-z0-9._/+ -]+")
_PLAIN_REVISION = re2.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


@value
class _Place:
    """A file of a repository; `kind` is empty for models, else `datasets/` or `spaces/`."""

    kind: str
    repository: str
    revision: str
    file: str


_ANY = _Place(kind="", repository="openai-community/gpt2", revision="main", file=_SMALL[""])
"""What is asked for when no repository is named: a public file that has stood for years."""


def addresses(causes: Iterable[CauseEntry], *, endpoint: str = "") -> tuple[str, ...]:
    """Return the addresses to ask for the causes that are Hugging Face's, each once, at most ten.

    A cause that names no repository asks for a small file of a public model: pages and the API have
    smaller quotas than the resolver.

    Args:
        causes: of any category; those of others are skipped.
        endpoint: a mirror in place of huggingface.co, as in HF_ENDPOINT; https only.

    Raises:
        InputError: the endpoint is no https address.

    """
    base = _base(endpoint)
    found: dict[str, None] = {}
    for cause in causes:
        if cause.category is Category.HF_FETCH:
            found.update(dict.fromkeys(_of_cause(cause, base)))
    return tuple(found)[:MOST]


def refused(causes: Iterable[CauseEntry], *, endpoint: str = "") -> tuple[str, ...]:
    """Return the addresses that one request without a token settles, each once, at most ten.

    Hugging Face answers 401 for a repository that is private, gone or never was, for a token that
    is wrong or expired, and, in May 2023, for public models
    (https://github.com/MaartenGr/BERTopic/issues/1244): what everybody may read tells them apart.

    Args:
        causes: of any category; those that are no such refusal, or name no repository, are skipped.
        endpoint: a mirror in place of huggingface.co, as in HF_ENDPOINT; https only.

    Raises:
        InputError: the endpoint is no https address.

    """
    base = _base(endpoint)
    found: dict[str, None] = {}
    for cause in causes:
        if _unsettled(cause):
            found.update(dict.fromkeys(_address(base, place) for place in _places(_told(cause))))
    return tuple(found)[:MOST]


def model_of(cause: CauseEntry) -> str:
    """The repository that a cause of Hugging Face names first, as `owner/name`, with `datasets/` or
    `spaces/` before what is no model; empty when it names none.
    """
    if cause.category not in {Category.HF_FETCH, Category.HF_ACCESS}:
        return ""
    for text in (cause.text, "\n".join(cause.excerpt)):
        for place in _places(text):
            return f"{place.kind}{place.repository}"
    return ""


def _base(endpoint: str) -> str:
    base = endpoint.rstrip("/") or HUB
    if not _ENDPOINT.fullmatch(base) or ".." in base:
        raise InputError(f"The Hugging Face endpoint {endpoint[:100]!r} is no https address.")
    return base


def _told(cause: CauseEntry) -> str:
    return "\n".join((cause.text, *cause.excerpt))


def _unsettled(cause: CauseEntry) -> bool:
    """Whether a refusal may mean several things."""
    if cause.category is not Category.HF_ACCESS or cause.rule not in _TOLD_BY_STATUS:
        return False
    return _UNAUTHORIZED.search(_told(cause)) is not None


def _of_cause(cause: CauseEntry, base: str) -> list[str]:
    return [_address(base, place) for place in _places(_told(cause))] or [_address(base, _ANY)]


def _address(base: str, place: _Place) -> str:
    revision, file = quote(place.revision, safe=""), quote(place.file)
    return f"{base}/{place.kind}{quote(place.repository)}/resolve/{revision}/{file}"


def _places(text: str) -> Iterator[_Place]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            place = _place({k: v or "" for k, v in match.groupdict().items()})
            if place is not None:
                yield place
    for match in _DATA_SETS.finditer(text):
        place = _place({**match.groupdict(), "kind": "datasets"})
        if place is not None:
            yield place


def _place(parts: dict[str, str]) -> _Place | None:
    """Check what a pattern found; None for what Hugging Face itself would refuse."""
    named = parts.get("kind", "")
    kind = "" if named in {"", "models"} else f"{named}/"
    revision = unquote(parts.get("revision", "")) or "main"
    repository = parts["repository"]
    if ".." in repository or "--" in repository or ".." in revision:
        return None
    if not _PLAIN_REVISION.fullmatch(revision):
        return None
    return _Place(
        kind=kind,
        repository=repository,
        revision=revision,
        file=_file(unquote(parts.get("file", "")).rstrip("."), _SMALL[kind]),
    )


def _file(name: str, small: str) -> str:
    """The file to ask for: the one that failed, unless it is heavy, cut, or no plain path."""
    if not _PLAIN_FILE.fullmatch(name) or ".." in name or "//" in name or name.startswith("/"):
        return small
    return small if name.lower().endswith(_HEAVY) else name
