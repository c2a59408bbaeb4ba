"""What may be wrong with a zip file that came over the network. Pure."""

import zlib
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile

BROKEN = (
    BadZipFile,
    EOFError,
    IndexError,  # of a member without a name
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zlib.error,
)
"""What `zipfile` raises on files that are damaged, encrypted or made by nobody's zip."""

METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
"""Deflate grows at most a thousandfold and the output is capped; the others know no such bound, and
what they raise on damage is of their own kind."""
