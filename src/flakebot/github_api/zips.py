"""What may be wrong with a zip file that came over the network. Pure."""

import zlib
from zipfile import BadZipFile

BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
"""What `zipfile` raises on files that are damaged, encrypted or made by nobody's zip."""
