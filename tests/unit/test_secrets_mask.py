"""Secrets are masked, ordinary lines are not touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.secrets_mask import Masker, mask

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
    "glrt-" + LETTERS[:20],
    "npm_" + LETTERS[:36],
    "pypi-" + "AgEIcHlwaS5vcmc" + LETTERS[:20],
    "sk-" + "proj-abcT3BlbkFJ" + LETTERS[:20],
    "sk-ant-" + "api03-" + LETTERS[:40],
    "sk-proj-" + LETTERS[:40],
    "sk-or-v1-" + "0123456789abcdef" * 4,
    "sk_" + "live_" + LETTERS[:24],
    "SG." + LETTERS[:22] + "." + LETTERS[:43],
    "ya29." + LETTERS[:40],
    "GOCSPX-" + LETTERS[:28],
    "hvs." + LETTERS[:40],
    "dop_v1_" + "0123456789abcdef" * 4,
    "dapi" + "0123456789abcdef" * 2,
    "rubygems_" + "0123456789abcdef" * 3,
    "AIza" + LETTERS[:35],
    "nvapi-" + LETTERS[:42],
    "dckr_pat_" + LETTERS[:27],
    "eyJhbGciOiJk" + "aXIifQ..9f8e7d6c5b4a3210.c2lnbmF0dXJl." + LETTERS[:22],
    "shpat_" + "0123456789abcdef" * 2,
    "lin_api_" + LETTERS[:40],
    "r8_" + LETTERS[:37],
    "SK" + "0123456789abcdef" * 2,
    "bot123456789:" + "AA" + LETTERS[:33],
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
        ("https://discord.com/api/webhooks/12/a-b_c", "https://discord.com/api/webhooks/***"),
        ("https://o.webhook.office.com/webhookb2/1-a@2-b/IncomingWebhook/0f/3-c", "https://o.webhook.office.com/webhookb2/***"),
        ("?url=https%3A%2F%2Fbob%3Ahunt%2Ber%40h%2Fo", "?url=https%3A%2F%2F***%40h%2Fo"),
        ("https://bob:hunt/er#2@h/o/r", "https://***@h/o/r"),
        ("x_" + "AKIA" + "ABCDEFGHIJKLMNOP", "x_***"),
        ("test_a[x_" + JWT + "]", "test_a[x_***]"),
        ("Authorization: abcdefghijklmnopqrst", "Authorization: ***"),
        ("'authorization': ['Bearer abc']", "'authorization': ['Bearer ***']"),
        ("Authorization: Digest username='x', response='0f'", "Authorization: Digest ***"),
        ("Set-Cookie: session=abcdefgh; Path=/", "Set-Cookie: session=***"),
        ('{"auth": "Ym9iOmh1bnRlcjJodW50ZXIy"}', '{"auth": "***"}'),
        ("_auth=Ym9iOmh1bnRlcjI=", "_auth=***"),
        ("DB_PASSWORD=s3cr3t! DB_PASS=hunter2", "DB_PASSWORD=*** DB_PASS=***"),
        ("Server=x;User Id=sa;Pwd=hunter2;", "Server=x;User Id=sa;Pwd=***;"),
        ("mysql --password hunter2", "mysql --password ***"),
        ("gh auth login --with-token 'abcdefgh'", "gh auth login --with-token '***'"),
        ("curl -fsS -u bob:hunter2 https://h", "curl -fsS -u bob:*** https://h"),
        ("docker login -u bob -p hunter2 ghcr.io", "docker login -u bob -p *** ghcr.io"),
        ("machine h login bob password hunter2", "machine h login bob password ***"),
        ("HF_TOKEN=abcdefghij", "HF_TOKEN=***"),
        ("AWS_SECRET_ACCESS_KEY: abcdefghij/+", "AWS_SECRET_ACCESS_KEY: ***"),
        ('"password": "correct horse battery"', '"password": "correct horse battery"'),
        ('"password": "correct-horse"', '"password": "***"'),
        (r"{\"api_key\": \"abcdefghij\"}", r"{\"api_key\": \"***\"}"),
        ("assert token == 'abcdefghijk'", "assert token == '***'"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nx", "***\nx"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc", "***"),
        ("a" * 63 + "/", "***"),
        ("E       " + "a" * 63 + "/", "***"),
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
        "GET http://localhost:4873/@types/x",
        "GET http://[::1]:4873/@types/x",
        "PWD=/home/runner/work/x/x",
        "docker run -u 1000:1000 -p 127.0.0.1:8080:80 x",
        "usage: x [--token TOKEN] [--password PASSWORD]",
        "auth: required",
        "tests/test_auth.py::test_authorization: 401",
        "password=***",
        "see https://www.npmjs.com/package/@types/x",
        "?url=https%3A%2F%2Fh%2Fo%40v1 https%3a%2f%2fh%3Fto=a%40b",
        "tests/x.py::test_shpat_is_masked[lin_api_-r8_-SKIPPED]",
        "at 12345678:AArdvark is no token",
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


AROUND = {
    "alone": ("{}", "{}"),
    "with words": ("denied for {}", "{} (read)"),
    "in pytest's report": ("E   ValueError: denied for {}", "E   {} (read)"),
    "in a box": ("│ denied for {} │", "│ {}      │"),
    "indented": ("    denied for {}", "    {}"),
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_token_broken_over_two_lines_is_masked_in_both(secret: str, around: str) -> None:
    """Wherever the terminal's width broke it; what stands around it stays."""
    first, second = AROUND[around]
    for at in range(1, len(secret)):
        whole = mask.lines([first.format(secret[:at]), second.format(secret[at:])])
        left = "".join(whole).replace("denied for", "").replace("ValueError:", "")
        assert not any(piece in left for piece in _pieces(secret)), (at, whole)
        assert ("denied" in whole[0], "(read)" in whole[1]) == (
            "denied" in first,
            "(read)" in second,
        )


def _pieces(secret: str) -> list[str]:
    """Every ten characters of it behind its well-known head: fewer letters at the end of a token
    that could be whole may as well be the next word.
    """
    return [secret[at : at + 10] for at in range(8, len(secret) - 9)]


def test_a_long_token_over_many_lines_is_masked_in_all() -> None:
    """GitHub's installation tokens take seven lines of a terminal."""
    token = "ghs_" + "123456_" + JWT + LETTERS * 8
    for long in (_wrapped(token), _wrapped(token[11:])):
        shown = mask.lines(["bearer", *long, "to read"])
        assert shown == ["bearer", *["***"] * len(long), "to read"]


def test_an_empty_line_does_not_save_a_token() -> None:
    """As between the lines of a box."""
    secret = SECRETS[0]
    assert mask.lines([secret[:20], "", "│ │", secret[20:]]) == ["***", "", "│ │", "***"]


def test_a_token_over_thousands_of_lines_takes_no_time_to_speak_of() -> None:
    """Whoever writes a log decides how long one is."""
    rows = ["ghp_" + "a1" * 18, *["a1" * 40] * 5000]
    assert set(mask.lines(rows)) == {"***"}


def _wrapped(token: str) -> list[str]:
    return [token[at : at + 80] for at in range(0, len(token), 80)]


def test_what_follows_a_whole_token_is_not_taken_for_its_end() -> None:
    """The next line is words of its own."""
    assert mask.lines([f"using {SECRETS[0]}", "FAILED tests/x.py"]) == [
        "using ***",
        "FAILED tests/x.py",
    ]


@pytest.mark.parametrize("lead", ["", "E       ", "    ", "> ", "│ "])
@pytest.mark.parametrize("end", [["-----END RSA PRIVATE KEY-----"], []])
def test_a_key_is_masked_to_its_last_line(lead: str, end: list[str]) -> None:
    """Also the lines that are shorter than the others, and no line after it."""
    key = ["-----BEGIN RSA PRIVATE KEY-----", LETTERS + "0123456789/+", "c2hvcnQ="]
    rows = [lead + row for row in ["given:", *key, *end, "is not valid"]]
    shown = mask.lines(rows)
    assert (shown[0], shown[-1]) == (rows[0], rows[-1])
    assert set(shown[1:-1]) == {lead + "***"} or {row.strip() for row in shown[1:-1]} == {"***"}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))))
def test_lines_without_a_secret_are_masked_one_by_one(rows: list[str]) -> None:
    """And no line is lost."""
    assert len(mask.lines(rows)) == len(rows)
    assert mask.lines(["plain", "", "│ words │"]) == ["plain", "", "│ words │"]


OWN = Masker([r"corp-[a-z0-9]{12}", r"(?i)badge (\d{6})"])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["key corp-abcdefghij12 used"], ["key *** used"]),
        (["Badge 123456"], ["***"]),
        (["key corp-abcde", "fghij12 used"], ["key ***", "*** used"]),
        (["key corp-abcdefghij12", "abcdef"], ["key ***", "abcdef"]),
        ([f"{SECRETS[0]} and corp-abcdefghij12"], ["*** and ***"]),
        (["corp-short", "corp-x"], ["corp-short", "corp-x"]),
    ],
)
def test_a_projects_own_patterns_hide_beside_the_built_in_ones(
    rows: list[str], expected: list[str]
) -> None:
    """What one matches goes whole, also where it was broken over lines."""
    assert OWN.lines(rows) == expected
