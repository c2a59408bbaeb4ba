"""Addresses of Hugging Face are rebuilt from what causes say, never copied."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.errors import InputError
from flakebot.hugging_face.addresses import HUB, MOST, addresses, model_of, refused
from flakebot.model import Category
from flakebot.records import CauseEntry

ANY = "openai-community/gpt2/resolve/main/config.json"
QWEN = f"{HUB}/Qwen/Qwen3-0.6B/resolve/main/config.json"


def cause(text: str, *excerpt: str, category: Category = Category.HF_FETCH) -> CauseEntry:
    return CauseEntry(category=category, rule="x", line=1, text=text, excerpt=excerpt)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "503 for url https://huggingface.co/api/models/Qwen/Qwen3-0.6B/revision/main)",
            "Qwen/Qwen3-0.6B/resolve/main/config.json",
        ),
        (
            "with url: /api/models/Qwen/Qwen3-0.6B/revision/main (Caused by X)",
            "Qwen/Qwen3-0.6B/resolve/main/config.json",
        ),
        (
            "(https://huggingface.co/api/models/Qwen/Qwen3-0.6B)",
            "Qwen/Qwen3-0.6B/resolve/main/config.json",
        ),
        (
            "https://huggingface.co/api/models/Qwen/Qwen3-0.6B.",
            "Qwen/Qwen3-0.6B/resolve/main/config.json",
        ),
        ("https://huggingface.co/api/models/gpt2", "gpt2/resolve/main/config.json"),
        ("/api/models/gpt2/revision/main", "gpt2/resolve/main/config.json"),
        ("https://h/api/models/a/b/tree/refs%2Fpr%2F1?x", "a/b/resolve/refs%2Fpr%2F1/config.json"),
        (
            "https://huggingface.co/gpt2/resolve/main/tokenizer.json.",
            "gpt2/resolve/main/tokenizer.json",
        ),
        ("url: /a/b/resolve/0123abcd/sub/x%20y.txt (", "a/b/resolve/0123abcd/sub/x%20y.txt"),
        ("url '/a/b/raw/v1.0/vocab.txt'", "a/b/resolve/v1.0/vocab.txt"),
        ("https://h/a/b/resolve/main/model-00001-of-2.safetensors", "a/b/resolve/main/config.json"),
        ("https://h/a/b/resolve/main/MODEL.GGUF", "a/b/resolve/main/config.json"),
        ("https://h/a/b/resolve/main/config.js...ot=1-68d3", "a/b/resolve/main/config.json"),
        ("https://h/a/b/resolve/main/x%2F%2e%2e%2Fy", "a/b/resolve/main/config.json"),
        ("https://h/a/b/resolve/main/x%00y", "a/b/resolve/main/config.json"),
        ("https://h/a/b/resolve/main/x//y", "a/b/resolve/main/config.json"),
        ("https://h/api/resolve-cache/models/a/b/0123abcd/x.json?y", "a/b/resolve/0123abcd/x.json"),
        ("https://h/api/datasets/a/b/revision/main", "datasets/a/b/resolve/main/README.md"),
        ("https://h/datasets/a/b/resolve/main/data.parquet", "datasets/a/b/resolve/main/README.md"),
        ("https://h/datasets/a/b/resolve/main/data.json", "datasets/a/b/resolve/main/data.json"),
        ("https://h/spaces/a/b/resolve/main/app.py", "spaces/a/b/resolve/main/app.py"),
        (
            "Failed to fetch model 'Qwen/Qwen3-0.6B' from HuggingFace: request error",
            "Qwen/Qwen3-0.6B/resolve/main/config.json",
        ),
        (
            "Failed to fetch model 'a/b' at revision 'v2' from HuggingFace. Is",
            "a/b/resolve/v2/config.json",
        ),
        (
            "Failed to download file 'tokenizer.json' from model 'a/b': 503",
            "a/b/resolve/main/tokenizer.json",
        ),
        (
            "ModelExpress download failed for model 'Qwen/Qwen3-0.6B': x",
            "Qwen/Qwen3-0.6B/resolve/main/config.json",
        ),
        ("Failed to pre-download Qwen/Qwen3-0.6B: 429", "Qwen/Qwen3-0.6B/resolve/main/config.json"),
        (
            "Failed to pre-download required Hugging Face models:\nE   Qwen/Qwen3-0.6B: 429",
            "Qwen/Qwen3-0.6B/resolve/main/config.json",
        ),
        (
            "There was a specific connection error when trying to load Qwen/Qwen3-0.6B:",
            "Qwen/Qwen3-0.6B/resolve/main/config.json",
        ),
        (
            "and it looks like t5-small is not the path to a directory",
            "t5-small/resolve/main/config.json",
        ),
        (
            "Couldn't reach 'org/data' on the Hub (ReadTimeout)",
            "datasets/org/data/resolve/main/README.md",
        ),
        (
            "Couldn't find 'org/data' on the Hugging Face Hub either: LocalEntryNotFoundError",
            "datasets/org/data/resolve/main/README.md",
        ),
        ("Couldn't reach 'a..b/c' on the Hub (ReadTimeout)", ANY),
        ("We couldn't connect to 'https://huggingface.co' to load the files", ANY),
        ("https://h/a..b/c/resolve/main/x.json", ANY),
        ("https://h/a/b--c/resolve/main/x.json", ANY),
        ("https://h/a/b/resolve/m..n/x.json", ANY),
        ("https://h/a/b/resolve/m%2E%2En/x.json", ANY),
        ("https://h/a/b/resolve/m%0an/x.json", ANY),
        ("https://h/1/2/3/resolve/main/x.json", ANY),
    ],
)
def test_an_address_is_rebuilt(text: str, expected: str) -> None:
    """Repository, revision and a small file, on our own host; a public one when none is named."""
    assert addresses([cause(text)]) == (f"{HUB}/{expected}",)


def test_the_excerpt_is_read_too_and_each_address_asked_once() -> None:
    """A cause's first line rarely names the repository."""
    one = cause(
        "RuntimeError: Failed to pre-download required Hugging Face models:", "Qwen/Qwen3-0.6B: x"
    )
    two = cause("x", "url: /Qwen/Qwen3-0.6B/resolve/main/config.json", "/api/models/a/b/revision/r")
    assert addresses([one, two]) == (QWEN, f"{HUB}/a/b/resolve/r/config.json")


def test_other_categories_are_not_asked_for() -> None:
    """A permanent failure is never asked again."""
    text = "https://huggingface.co/api/models/a/b"
    assert addresses([cause(text, category=Category.HF_ACCESS)]) == ()


@pytest.mark.parametrize(
    ("given", "model"),
    [
        (cause("https://huggingface.co/api/models/a/b"), "a/b"),
        (cause("x", "url: /Qwen/Qwen3-0.6B/resolve/main/config.json"), "Qwen/Qwen3-0.6B"),
        (cause("/api/models/a/b", "/api/models/c/d"), "a/b"),
        (cause("https://huggingface.co/datasets/a/b/resolve/main/x"), "datasets/a/b"),
        (cause("https://huggingface.co/api/models/a/b", category=Category.HF_ACCESS), "a/b"),
        (cause("https://huggingface.co/api/models/a/b", category=Category.EXCEPTION), ""),
        (cause("Read timed out."), ""),
    ],
)
def test_the_repository_that_a_cause_names(given: CauseEntry, model: str) -> None:
    """By the patterns by which addresses are rebuilt; of failures of Hugging Face only."""
    assert model_of(given) == model


def test_no_more_than_ten_are_asked() -> None:
    """In order of the causes."""
    many = [cause(f"/api/models/a/b{number}") for number in range(20)]
    assert addresses(many) == tuple(f"{HUB}/a/b{n}/resolve/main/config.json" for n in range(MOST))


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("https://mirror.test", "https://mirror.test/gpt2/resolve/main/config.json"),
        (
            "https://mirror.test:8443/hf/",
            "https://mirror.test:8443/hf/gpt2/resolve/main/config.json",
        ),
    ],
)
def test_a_mirror_is_asked_in_place_of_the_hub(endpoint: str, expected: str) -> None:
    """Only a setting names a mirror."""
    assert addresses([cause("/api/models/gpt2")], endpoint=endpoint) == (expected,)


@pytest.mark.parametrize(
    "endpoint",
    ["http://mirror.test", "mirror.test", "https://u:p@h", "https://h/a/../b", "https://h?x"],
)
def test_an_endpoint_without_https_is_refused(endpoint: str) -> None:
    """Nor one with a user, a query or dots."""
    with pytest.raises(InputError, match="is no https address"):
        addresses([], endpoint=endpoint)


PIECES = st.sampled_from(
    ["https://", "http://", "evil.test", "@", "huggingface.co", "/", "//", "..", "%2e", "%2F",
     "%00", "api/models/", "datasets/", "a/b", "resolve/", "main/", "revision/", "x.json", "\\",
     "#", "?", ":", "\n", "Failed to fetch model '", "' from HuggingFace", "\u202e", "é", " ",
     "'", "evil.test/a/resolve/"]
)  # fmt: skip


@given(
    st.lists(PIECES, max_size=30).map("".join) | st.text(st.characters(exclude_categories=["Cs"]))
)
def test_nothing_of_a_foreign_host_survives(text: str) -> None:
    """Every address is on our host, of plain characters, and has one meaning."""
    for address in addresses([cause(text)]):
        assert address.startswith(f"{HUB}/")
        path = address.removeprefix(f"{HUB}/")
        assert path.isascii()
        assert path.isprintable()
        assert not set(path) & set("?#@\\ ")
        assert ".." not in path
        assert "//" not in path
        assert "/resolve/" in path


def denied(text: str, *excerpt: str, rule: str = "hf-denied") -> CauseEntry:
    return CauseEntry(category=Category.HF_ACCESS, rule=rule, line=1, text=text, excerpt=excerpt)


UNAUTHORIZED = (
    "401 Client Error: Unauthorized for url: https://h/Qwen/Qwen3-0.6B/resolve/main/x.bin"
)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (denied(UNAUTHORIZED), [QWEN]),
        (denied(UNAUTHORIZED, rule="hf-token"), [QWEN]),
        (
            denied("Repository Not Found for url: /a/b/resolve/main/c.json.", rule="hf-repository"),
            [],
        ),
        (
            denied(
                "Repository Not Found for url: https://h/a/b/resolve/main/c.json.",
                "Invalid username or password.",
                rule="hf-repository",
            ),
            [f"{HUB}/a/b/resolve/main/c.json"],
        ),
        (denied(UNAUTHORIZED, rule="hf-gated"), []),
        (denied(UNAUTHORIZED.replace("401", "403")), []),
        (denied("401 Client Error: Unauthorized"), []),
        (cause(UNAUTHORIZED), []),
    ],
)
def test_a_401_that_may_mean_several_things_is_asked_about(
    refusal: CauseEntry, expected: list[str]
) -> None:
    """A typo, a private repository, a bad token or a fault of Hugging Face look alike."""
    assert list(refused([refusal, refusal])) == expected


def test_a_refusal_goes_to_the_configured_mirror() -> None:
    """As every other request."""
    [address] = refused([denied(UNAUTHORIZED)], endpoint="https://mirror.example/hf/")
    assert address == "https://mirror.example/hf/Qwen/Qwen3-0.6B/resolve/main/config.json"
