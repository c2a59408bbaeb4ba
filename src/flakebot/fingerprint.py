"""A stable key for a cause: its category and its message without what changes from run to run.
Pure.

Two texts of one cause differ in workers, ports, ids, times and places on disk; these become
placeholders. What tells causes apart stays: words, names, paths of the repository, codes of
compilers, exit codes and HTTP statuses (bare numbers of up to three digits). Numbers of lines go
too: an edit elsewhere in a file is no new cause, and fingerprints are only ever compared within one
test or one category.

The version stands in the key: a new way of normalising never matches old keys by accident.

Whoever reads a log masks a text before it comes here. A secret that is another in each run is then
no other cause, and nobody can try passwords against the key, which is published. It left the
version as it was: only keys of texts with a secret became others, and none of those came back. So
it is with every step that takes away what was another in each run, and with codes that stay.
"""

from __future__ import annotations

import hashlib

import re2

from flakebot.model import Category

ALGORITHM = 1

_WEEKDAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?"
_SPAN = r"\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b"
_PLACE = r"[^\s'\"`,;:()<>\[\]{}|]*"
_BARE = r"<id>(?:\.\.\.(?:<id>|\d+)?)?"
_IDS = rf"(?:'{_BARE}'|\"{_BARE}\"|{_BARE})"
_ENTRY = rf"{_IDS}(?::\s?{_IDS})?"

# Codes of compilers (`TS2322`, `E0308`), and how Windows says what ended a process (an NTSTATUS).
_CODE = r"(\b[A-Z]{1,6}\d{4,5}\b|\b0[xX][cC]0000[0-9a-fA-F]{3}\b|-10737\d{5}\b|\b32212\d{5}\b)"


def _unless_code(match: re2._Match) -> str:
    return match.group(1) or "<id>"


# In this order: long and specific shapes come before short and general ones, which would break
# them up.
_STEPS = (
    # places
    (r"(?:(?:/private)?(?:/var)?/tmp|/dev/shm)\b" + _PLACE, "<tmp>"),
    (r"(?:/private)?/var/folders/" + _PLACE, "<tmp>"),
    (r"(?i)\b[a-z]:\\[^\s'\"]*\\temp\\[^\s'\"]*", "<tmp>"),
    (r"[\w./~-]*\bpytest-of-" + _PLACE, "<tmp>"),
    (r"\btmp[a-z0-9_]{8}\b", "<tmp>"),
    (r"(/nix/store/)[0-9a-z]{32}\b", r"\1<id>"),
    # times
    (r"\b([IWEF])\d{4} (\d\d:\d\d:\d\d\.\d+) +\d+\b", r"\1<id> \2 <id>"),  # glog, with its thread
    (rf"\b\d{{4}}[-/]\d\d[-/]\d\d(?:[T ]{_CLOCK}(?:Z|\s?UTC|\s?[+-]\d\d:?\d\d)?)?", "<time>"),
    (
        (
            rf"\b{_WEEKDAY},? (?:\d\d? )?{_MONTH}(?: +\d\d?)?(?: \d{{4}})?(?: {_CLOCK})?"
            r"(?: (?:GMT|UTC))?(?: \d{4})?\b"
        ),
        "<time>",
    ),
    (r"\b\d\d?:\d\d:\d\d(?:[.,]\d+)?\b", "<time>"),
    # ids of any alphabet, when their key says so
    (
        (
            r"(?i)\b((?:request|trace|span|session|correlation|connection|instance|lease|container)"
            r"[ _-]?id)['\"]?(?:\s?[:=]\s?['\"]?[\w;=.:/+-]+"
            r"|\s['\"]?[\w;=.:/+-]*\d[\w;=.:/+-]*)['\"]?"
        ),
        r"\1 <id>",
    ),
    (r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
    (rf"{_CODE}|(?i:\b0x[0-9a-f]+\b)", _unless_code),
    # a pod of Kubernetes: what it adds has neither vowels nor the digits that look like some
    (r"-[bcdfghj-np-tv-xz24-9]{8,10}-[bcdfghj-np-tv-xz24-9]{5}\b", "-<id>"),
    # addresses
    (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d+)?\b", "<address>"),
    (r"(?i)\[(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\](?::\d+)?", "<address>"),
    (r"(?i)\b(?:[0-9a-f]{1,4}:){2,7}:?[0-9a-f]{1,4}\b", "<address>"),
    # host:port, and file:line:column
    (r"(?i)\b(localhost|[\w-]+(?:\.[\w-]+)*\.[a-z]\w*|[a-z]+://[\w.-]+)(?::\d+)+", r"\1:<id>"),
    # workers, threads, processes
    (r"(\b|_)gw\d+\b", r"\1gw<id>"),
    (r"\bpool-\d+-thread-\d+\b", "pool-<id>-thread-<id>"),
    (r"\bpid\(s\) \d+(?:, \d+)*", "pid(s) <id>"),
    (r"^==\d+==", "==<id>=="),
    (r"(\bthread '[^']*') \(\d+\)", r"\1"),
    # objects of Java
    (r"(\w)@[0-9a-f]{5,8}\b", r"\1@<id>"),
    # quantities
    (r"\b(?:\d+(?:\.\d+)?(?:h|m|s|ms|us|µs|ns)){2,}\b", "<duration>"),
    (rf"\b{_SPAN}(?:[, ]*\b{_SPAN})*", "<duration>"),
    (r"\b\d+(?:\.\d+)?\s?(?:[kKMGT]i?B|bytes?)\b", "<size>"),
    (r"\b\d+(?:\.\d+)?\s?%", "<percent>"),
    (
        (
            r"(?i)\b([pt]id|ppid|ports?|process|thread|worker|rank|attempt|retry|try|fd|ino|inode"
            r"|lines?|gpu)(['\"]?\s?[:=#(\[-]{0,2}\s?)\d+\b"
        ),
        r"\1\2<id>",
    ),
    (r"\b\d+ (retries|attempts|tries)\b", r"<id> \1"),
    (r"(^|[\s=(\[{,:<>~+*'\"])-?\d+(?:\.\d+)+(?:[eE][+-]?\d+)?\b", r"\1<number>"),
    (rf"{_CODE}|(?i:\b[0-9a-f]{{7}}\b|[0-9a-f]{{8,}}|\d{{4,}})", _unless_code),
    # a set or list of ids, however many and whether or not it was cut
    (rf"{_ENTRY}(?:,\s?(?:{_ENTRY}|\.\.\.))*", "<id>"),
    (r"\s+", " "),
)
_COMPILED = tuple((re2.compile(pattern), replacement) for pattern, replacement in _STEPS)


def normalise(text: str) -> str:
    """Return the text without what changes from run to run."""
    for pattern, replacement in _COMPILED:
        text = pattern.sub(replacement, text)
    return text.strip()


def fingerprint(category: Category, text: str) -> str:
    """Return the key of a cause, as `v1:crash-sigabrt:2f6c0a91`."""
    digest = hashlib.sha256(normalise(text).encode()).hexdigest()
    return f"v{ALGORITHM}:{category}:{digest[:8]}"
