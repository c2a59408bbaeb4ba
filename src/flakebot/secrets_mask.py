"""Replace secrets in log text by `***`. Pure.

GitHub masks only values that were registered on the runner, so misses are assumed. The rules are
those of gitleaks (https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml), made
wider where GitHub's newer tokens need it, then a generic one. Too much masked costs a word of an
excerpt, too little a credential: in doubt a rule masks.
"""

from __future__ import annotations

import re2

MASK = "***"

# Installation tokens are `ghs_<APPID>_<JWT>` since April 2026: about 520 characters, with dots.
_TOKENS = (
    r"gh[pousr]_[A-Za-z0-9_.-]{36,}",
    r"github_pat_\w{40,}",
    r"hf_[A-Za-z0-9]{30,}",
    r"api_org_[A-Za-z0-9]{30,}",
    r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    r"\bey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*",
    r"xox[a-z]-[A-Za-z0-9-]{10,}",
    r"xapp-[A-Za-z0-9-]{10,}",
    r"glpat-[A-Za-z0-9_.-]{20,}",
    r"\bnpm_[A-Za-z0-9]{36,}",
    r"pypi-AgE[A-Za-z0-9_-]{20,}",
    r"\bsk-[A-Za-z0-9_-]*T3BlbkFJ[A-Za-z0-9_-]*",
    r"\bsk-ant-[A-Za-z0-9_-]{20,}",
    r"\bAIza[A-Za-z0-9_-]{35}",
    r"nvapi-[A-Za-z0-9_-]{40,}",
    r"dckr_pat_[A-Za-z0-9_-]{20,}",
    # a private key, to its end or to the end of the text
    (
        r"(?s:-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r".*?(?:-----END[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z))"
    ),
    # a line from within a private key, when lines come one by one
    r"(?m:^[ \t]*[A-Za-z0-9+/]{64}$)",
)

# What stands before the secret is kept, so that the line stays readable.
_AFTER = (
    r"(hooks\.slack\.com/)[A-Za-z0-9/_-]+",
    (
        r"((?:authorization|x-[a-z-]*token)[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token|negotiate)\s+)"
        r"[^\s\"']+"
    ),
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
)

_USER = r"(://)[^\s/?#\"'<>]+@"

_RULES = (
    (_USER, r"\1" + MASK + "@"),
    *((pattern, MASK) for pattern in _TOKENS),
    *((f"(?i:{pattern})", r"\1" + MASK) for pattern in _AFTER),
)
_COMPILED = tuple((re2.compile(pattern), replacement) for pattern, replacement in _RULES)
# One pass over the text tells that there is nothing to mask, which is so for nearly every line.
_GATE = re2.compile("|".join(pattern for pattern, _ in _RULES))


def mask(text: str) -> str:
    """Return `text` with everything that looks like a secret replaced by `***`.

    Masking twice changes nothing, and `***` of GitHub's own stays. The text must be encodable, as
    any decoded text is.
    """
    if not _GATE.search(text):
        return text
    for pattern, replacement in _COMPILED:
        text = pattern.sub(replacement, text)
    return text
