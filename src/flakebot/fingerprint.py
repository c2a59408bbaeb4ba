"""A stable key for a cause: its category and its message without what changes from run to run.
Pure.

Two texts of one cause differ in workers, ports, ids, times and places on disk; these become
placeholders. What tells causes apart stays: words, names, paths of the repository, exit codes and
HTTP statuses (numbers of up to three digits). Numbers of lines go as well: an edit elsewhere in a
file is no new cause, and a fingerprint is only ever compared within one test or category.

The version stands in the key: a new way of normalising never matches old keys by accident.
"""

from __future__ import annotations

import hashlib

import re2

from flakebot.model import Category

ALGORITHM = 1

_ID = "<id>"
_ONE_ID = r"['\"]?<id>(?:\.\.\.(?:<id>|\d+)?)?['\"]?"

# In this order: what is specific and long comes before what is general and short.
_STEPS = tuple(
    (re2.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[\w.+-]*(?:pytest-of-|/tmp/|/var/folders/|(?i:\\temp\\))[^\s'\"`,;()<>\[\]{}]*", "<tmp>"),
        (r"(?:<tmp>|[\w./~-])*<tmp>", "<tmp>"),
        (r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\b", "<time>"),
        (r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b", "<time>"),
        (r"(?i)\b((?:request|trace|span|session|correlation|connection|instance|lease)[ _-]?id)"
         r"(?:['\"]?\s?[:=]\s?['\"]?[\w;=.:/+-]+|\s['\"]?[\w-]*\d[\w-]*)['\"]?", r"\1 <id>"),
        (r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", _ID),
        (r"(?i)\b0x[0-9a-f]+\b", _ID),
        (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d+)?\b", "<address>"),
        (r"(?i)\[(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\](?::\d+)?", "<address>"),
        (r"(?i)\b(?:[0-9a-f]{1,4}:){4,7}:?[0-9a-f]{1,4}\b", "<address>"),
        (r"(?i)\b(localhost|[\w-]+(?:\.[\w-]+)*\.[a-z]\w*|[a-z][a-z+]*://[\w.-]+)(?::\d+)+", r"\1:<id>"),
        (r"\bgw\d+\b", "gw<id>"),
        (r"\b(?:\d+(?:\.\d+)?(?:[eE]-?\d+)?\s?(?:ns|us|µs|ms|s|secs?|seconds?|m|min|mins|minutes?|h|hours?|d|days?)\b,?\s?)+", "<duration> "),
        (r"\b\d+(?:\.\d+)?\s?(?:[KMGT]i?B|[kKMGT]|bytes?|B)\b", "<size>"),
        (r"\b\d+(?:\.\d+)?\s?%", "<percent>"),
        (r"(?i)\b((?:[pt]|pp)id|ports?|process|thread|worker|rank|attempt|retry|try|fd|ino|inode|lines?)"
         r"(['\"]?\s?[:=#(\[-]{0,2}\s?)\d+\b", r"\1\2<id>"),
        (r"[-+]?\b\d+\.\d+(?:[eE][+-]?\d+)?\b", "<number>"),
        (r"(?i)\b[0-9a-f]*\d[0-9a-f]*\b", None),
    )
)
