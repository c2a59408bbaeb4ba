"""What may be wrong with a zip file that came over the network. Pure."""

import lzma
import zlib
from zipfile import BadZipFile

BROKEN = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    zlib.error,
)
"""What `zipfile` raises on files that are damaged, encrypted or made by nobody's zip."""
