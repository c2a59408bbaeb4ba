"""Secrets are masked, ordinary lines are not touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.secrets_mask import mask

# Written in two halves, so that no scanner takes an invented token for a real one.
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
JWT = "eyJhbGciOiJI" + "UzI1NiJ9.eyJzdWIiOiIx" + "MjM0NTY3ODkw.c2lnbmF0dXJlLW9m"
SECRETS = (
    "ghp_" + LETTERS[:36],
    "ghs_" + "123456_" + JWT,
    "github_pat_" + LETTERS + "_" + LETTERS[:29],
    "hf_" + LETTERS[:34],
    "api_org_" + LETTERS[:34],
    "AKIA" + "ABCDEFGHIJKLMNOP",
    JWT,
    "xoxb-" + "123456789012-abcdef",
    "xapp-" + "1-A0123-456-abc",
    "glpat-" + LETTERS[:20],
    "npm_" + LETTERS[:36],
    "pypi-" + "AgEIcHlwaS5vcmc" + LETTERS[:20],
    "sk-" + "proj-abcT3BlbkFJ" + LETTERS[:20],
    "sk-ant-" + "api03-" + LETTERS[:40],
    "AIza" + LETTERS[:35],
    "nvapi-" + LETTERS[:42],
    "dckr_pat_" + LETTERS[:27],
)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_token_is_masked_wherever_it_stands(secret: str) -> None:
    """The words around a token stay, the token goes whole."""
    assert mask(f"using {secret} (read)") == "using *** (read)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clone https://bob:hunter2@github.com/o/r", "clone https://***@github.com/o/r"),
        ("postgres://u:p@ss@db:5432/x", "postgres://***@db:5432/x"),
        ("Authorization: Bearer abc", "Authorization: Bearer ***"),
        ('{"authorization": "token abc"}', '{"authorization": "token ***"}'),
        ("sent bearer abcdefghijklmnop.q", "sent bearer ***"),
        ("GET https://h/x?a=1&sig=a%2Fb&b=2", "GET https://h/x?a=1&sig=***&b=2"),
        ("?X-Amz-Signature=0f0f&X-Amz-Date=1", "?X-Amz-Signature=***&X-Amz-Date=1"),
        ("https://cdn/x?Policy=ab&Signature=cd&Key-Pair-Id=ef", "https://cdn/x?Policy=***&Signature=***&Key-Pair-Id=***"),
        ("https://h/x?token=abc", "https://h/x?token=***"),
        ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/***"),
        ("HF_TOKEN=abcdefghij", "HF_TOKEN=***"),
        ("AWS_SECRET_ACCESS_KEY: abcdefghij/+", "AWS_SECRET_ACCESS_KEY: ***"),
        ('"password": "correct horse battery"', '"password": "correct horse battery"'),
        ('"password": "correct-horse"', '"password": "***"'),
        (r"{\"api_key\": \"abcdefghij\"}", r"{\"api_key\": \"***\"}"),
        ("assert token == 'abcdefghijk'", "assert token == '***'"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nx", "***\nx"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc", "***"),
        ("a" * 63 + "/", "***"),
    ],
)  # fmt: skip
def test_a_secret_is_found_by_what_stands_around_it(text: str, expected: str) -> None:
    """Only the secret goes; its key, host or scheme stays."""
    assert mask(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tests/router/test_x.py::test_y[True-tcp] PASSED [ 50%]",
        "auth::token::tests::expires_after_hour ... FAILED",
        "token: ***",
        "AUTHORIZATION: basic ***",
        "E   KeyError: 'missing'",
        "https://huggingface.co/Qwen/Qwen3-0.6B/resolve/main/config.json",
        "npm warn deprecated @types/x@1.0.0",
        "see https://www.npmjs.com/package/@types/x",
        "max_tokens=100 tokenizer=AutoTokenizer",
        "hf_hub_download(repo_id)",
        "sk-learn is not a key",
        "commit 0123456789012345678901234567890123456789",
    ],
)
def test_an_ordinary_line_stays(text: str) -> None:
    """Words that only look like a secret's neighbours hide nothing."""
    assert mask(text) == text


@given(st.lists(st.sampled_from([*SECRETS, "token=", "a key:", "://", "u@h", "***"])))
def test_masking_twice_changes_nothing(parts: list[str]) -> None:
    """The mask itself is never taken for a secret."""
    once = mask(" ".join(parts))
    assert mask(once) == once


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(SECRETS))
def test_no_text_around_it_saves_a_secret(text: str, secret: str) -> None:
    """A token between spaces never comes through."""
    assert secret not in mask(f"{text} {secret} {text}")
