"""Replace secrets in log text by `***`. Pure.

GitHub masks only values that were registered on the runner, so misses are assumed. The rules are
those of gitleaks (https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml), made
wider where GitHub's newer tokens need it, then a generic one. Too much masked costs a word of an
excerpt, too little a credential: in doubt a rule masks.

A token that a tool broke over lines, at the width of its terminal, is put together again first;
what only its key tells (`password: ...`) is masked to the end of its line.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import re2

MASK = "***"

# Installation tokens are `ghs_<APPID>_<JWT>` since April 2026: about 520 characters, with dots.
_TOKENS = (
    r"gh[pousr]_[A-Za-z0-9_.-]{36,}",
    r"github_pat_\w{40,}",
    r"hf_[A-Za-z0-9]{30,}",
    r"api_org_[A-Za-z0-9]{30,}",
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    r"(?:\bey|eyJ)[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*",
    # encrypted: header, key, vector, text, tag
    (
        r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{16,22}\.[A-Za-z0-9_-]+"
        r"\.[A-Za-z0-9_-]{22,}"
    ),
    r"xox[a-z]-[A-Za-z0-9-]{10,}",
    r"xapp-[A-Za-z0-9-]{10,}",
    r"gl(?:pat|ptt|dt|rt|cbt|soat|imt|ft|oas|agent)-[A-Za-z0-9_.-]{20,}",
    r"\bnpm_[A-Za-z0-9]{36,}",
    r"pypi-AgE[A-Za-z0-9_-]{20,}",
    r"\bsk-[A-Za-z0-9_-]*T3BlbkFJ[A-Za-z0-9_-]*",
    r"\bsk-(?:ant|proj|svcacct|admin)-[A-Za-z0-9_-]{20,}",
    r"\bsk-(?:[a-z0-9]{1,8}-){0,2}[A-Za-z0-9]{32,}",
    r"\b[rs]k_(?:live|test|prod)_[A-Za-z0-9]{20,}",
    r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}",
    r"\bya29\.[A-Za-z0-9_-]{20,}",
    r"GOCSPX-[A-Za-z0-9_-]{20,}",
    r"\bhv[bs]\.[A-Za-z0-9_-]{24,}",
    r"\bdo[opr]_v1_[0-9a-f]{64}",
    r"\bdapi[0-9a-f]{32}",
    r"rubygems_[0-9a-f]{48}",
    r"\bAIza[A-Za-z0-9_-]{35}",
    r"nvapi-[A-Za-z0-9_-]{40,}",
    r"dckr_pat_[A-Za-z0-9_-]{20,}",
    r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    r"\blin_api_[A-Za-z0-9]{32,}",
    r"\br8_[A-Za-z0-9]{32,}",
    r"\bSK[0-9a-f]{32}",
    r"\b(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{33}",
)

_KEYS = (
    # a private key, to its end or to the end of the text
    (
        r"(?s:-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r".*?(?:-----END[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z))"
    ),
    # a line from within a private key, when lines come one by one
    r"(?m:^(?:E[ \t])?[ \t]*[A-Za-z0-9+/]{64}$)",
)

# What stands before the secret is kept, so that the line stays readable.
_AFTER = (
    r"(hooks\.slack\.com/|discord(?:app)?\.com/api/webhooks/)[A-Za-z0-9/_-]+",
    r"(\boffice\.com/webhook(?:b2)?/)[a-z0-9@/_-]+",
    (
        r"((?:authorization|x-[a-z-]*token)[\"']?\s*[:=]\s*[\[\"']*(?:bearer|basic|token|negotiate)\s+)"
        r"[^\s\"']+"
    ),
    r"(authorization[\"']?\s*[:=]\s*[\"']?)[A-Za-z0-9._~+/=-]{20,}",
    # the signature stands last
    r"(authorization[\"']?\s*[:=]\s*[\"']?(?:digest|aws4-hmac-sha256)\s+)\S[^\n]*",
    r"(\bcookie[\"']?:\s*[\"']?\w[\w.-]*=)[^\n]{8,}",
    # npm's and Docker's: user and password in base64
    r"(\b_?auth[\"']?\s*[:=]\s*[\"']?)[A-Za-z0-9+/]{12,}={0,2}",
    r"(\bbearer\s+)[A-Za-z0-9._~+/=-]{16,}",
    (
        r"([?&;](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|sig"
        r"|signature|policy|key-pair-id|awsaccesskeyid|googleaccessid|(?:access_|auth_|private_)?token"
        r"|api[_-]?key)=)[^&\s\"'<>]+"
    ),
    # `token::tests` is a path of Rust: a value does not begin with a colon
    (
        r"((?:token|secret|passw(?:or)?d|passphrase"
        r"|(?:api|access|account|private|secret|signing)[_-]?key)"
        r"(?:\\?[\"'])?\s*(?:==?|=>|:=?)\s*(?:\\?[\"'])?)[^\s\"'&:=*\\][^\s\"'&\\]{9,}"
    ),
    # as an environment or a connection says it; passwords are shorter than keys
    r"(passw(?:or)?d=|_pass=|;\s?pwd=)[^\s\"'&:=*\\;][^\s\"'&\\;]{4,}",
    # as a command is given it
    r"(\s--(?:[a-z]+-)*(?:password|passphrase|token|secret|api-?key)\s+[\"']?)[^\s\"'*-][^\s\"']{5,}",
    r"(\bcurl\b[^\n]*\s(?:-u|--user)[ =]?[\"']?[^\s:\"']+:)[^\s\"'*]{4,}",
    (
        r"(\bdocker login\b[^\n]*\s-p[ =]?|\bsshpass\s+-p ?|\bmachine \S+ login \S+ password )"
        r"[^\s*]\S{3,}"
    ),
)

_USER = r"(://)[^\s/?#\"'<>]+@"
# A password that was not encoded. A port is none: `http://localhost:4873/@types/x`.
_USER_UNENCODED = r"(://)[^\s/?#\"'<>:@\[]+:\d*[^\s\"'<>@/\d][^\s\"'<>@]*@"
# An address in an address: up to the next `/`, `?` or `#`, which are encoded too.
_USER_ENCODED = (
    r"((?i:%3a%2f%2f))(?:[^\s%/?#&\"'<>]|%(?i:[0145-9a-f][0-9a-f]|2[0-24-9a-e]|3[0-9a-e]))+%40"
)

_RULES = (
    *((pattern, r"\1" + MASK + "@") for pattern in (_USER, _USER_UNENCODED)),
    (_USER_ENCODED, r"\1" + MASK + "%40"),
    *((pattern, MASK) for pattern in (*_TOKENS, *_KEYS)),
    *((f"(?i:{pattern})", r"\1" + MASK) for pattern in _AFTER),
)

# Where lines are joined, a token may follow the last word of the line before.
_INNER_TOKENS = tuple(token.removeprefix(r"\b") for token in _TOKENS)

# What tools put around a line: pytest's marks, the borders of boxes and quotes.
_AROUND = re2.compile(r"^(?:E[ \t]|INTERNALERROR>)?[ \t>|│┃║]*(.*?)[ \t|│┃║]*$")
_KEY_BEGIN = re2.compile(r"-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----$")
_KEY_LINE = re2.compile(r"^(?:[A-Za-z0-9+/=]{0,80}|[A-Za-z-]{1,20}: .{1,80})$")

_NO_WORD = re2.compile(r"\d|.{10}")


class _Piece(NamedTuple):
    """A part of a line, and whether the line holds nothing else."""

    row: int
    start: int
    end: int
    alone: bool


class Masker:
    """Hides what looks like a secret, by the built-in patterns and by those of a project.

    Args:
        own: RE2 patterns; what one of them matches is hidden whole.

    Raises:
        re2.error: a pattern cannot be read.

    """

    def __init__(self, own: Sequence[str] = ()) -> None:
        self._patterns = tuple(own)
        self._own = tuple(map(re2.compile, own))

    # The built-in patterns are read when a text is masked: a step should start as fast as it can.

    @cached_property
    def _rules(self) -> tuple[tuple[re2._Regexp, str], ...]:
        own = tuple((pattern, MASK) for pattern in self._own)
        return (*own, *((re2.compile(pattern), said) for pattern, said in _RULES))

    @cached_property
    def _gate(self) -> re2._Regexp:
        """One pass over the text tells that there is nothing to mask, as in nearly every line."""
        return re2.compile(_any((*self._patterns, *(pattern for pattern, _ in _RULES))))

    @cached_property
    def _tokens(self) -> tuple[re2._Regexp, ...]:
        return (*self._own, *map(re2.compile, _INNER_TOKENS))

    @cached_property
    def _any_token(self) -> re2._Regexp:
        return re2.compile(_any((*self._patterns, *_INNER_TOKENS)))

    def __call__(self, text: str) -> str:
        """Return `text` with everything that looks like a secret replaced by `***`.

        Masking twice changes nothing, and `***` of GitHub's own stays. The text must be encodable,
        as any decoded text is.
        """
        if not self._gate.search(text):
            return text
        for pattern, replacement in self._rules:
            text = pattern.sub(replacement, text)
        return text

    def lines(self, rows: Sequence[str]) -> list[str]:
        """Return lines that follow each other, masked; so is a secret that runs over several."""
        return [self(row) for row in self._whole(list(_without_keys(rows)))]

    def _whole(self, rows: list[str]) -> list[str]:
        """The lines without the pieces of tokens that were broken over them."""
        inner = [_AROUND.search(row).span(1) for row in rows]
        joined = "".join(row[start:end] for row, (start, end) in zip(rows, inner, strict=True))
        if self._any_token.search(joined) is None:
            return rows
        ends = list(accumulate(end - start for start, end in inner))
        found: set[_Piece] = set()
        for pattern in self._tokens:
            for match in pattern.finditer(joined):
                pieces = list(_pieces(match.span(), inner, ends))
                found.update(self._broken(pattern, rows, pieces) if len(pieces) > 1 else ())
        for piece in sorted(found, reverse=True):
            row = rows[piece.row]
            rows[piece.row] = row[: piece.start] + MASK + row[piece.end :]
        return rows

    def _broken(
        self, pattern: re2._Regexp, rows: Sequence[str], pieces: Sequence[_Piece]
    ) -> Iterator[_Piece]:
        """The pieces that are one token: once it could be whole, more belongs to it only if the
        line holds nothing else, or if it is no word. A project's pattern knows its own end.
        """
        taken, whole = "", False
        for piece in pieces:
            text = rows[piece.row][piece.start : piece.end]
            goes_on = pattern not in self._own and (piece.alone or _NO_WORD.search(text))
            whole = whole or pattern.fullmatch(taken) is not None
            if whole and not goes_on:
                return
            taken += "" if whole else text
            yield piece


def _any(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def _pieces(
    span: tuple[int, int], inner: Sequence[tuple[int, int]], ends: Sequence[int]
) -> Iterator[_Piece]:
    """Where a part of joined lines stands in them; `ends` are the lines' ends when joined."""
    first, last = span
    for row in range(bisect_right(ends, first), len(ends)):
        start, end = inner[row]
        at = ends[row] - (end - start)
        if at >= last:
            return
        if start < end:
            here, there = max(first, at), min(last, ends[row])
            yield _Piece(row, start + here - at, start + there - at, there - here == end - start)


def _without_keys(rows: Iterable[str]) -> Iterator[str]:
    """The lines without those of a private key, which come one by one after its first."""
    inside = False
    for row in rows:
        start, end = _AROUND.search(row).span(1)
        inner = row[start:end]
        ends = inside and inner.startswith("-----END")
        inside = (inside and _KEY_LINE.search(inner) is not None) or ends
        yield row[:start] + MASK + row[end:] if inside and inner else row
        inside = (inside and not ends) or _KEY_BEGIN.search(inner) is not None


mask = Masker()
"""By the built-in patterns alone."""
