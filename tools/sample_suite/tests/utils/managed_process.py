"""A process that a test starts and must see the end of."""

import subprocess
import sys
from types import TracebackType
from typing import Self

from . import faults

STUBBORN = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(3600)"


class ManagedProcess:
    """Starts a worker and waits for its end without a bound, as dynamo's class once did."""

    def __enter__(self) -> Self:
        code = STUBBORN if faults.on("worker-never-ends") else "pass"
        self.process = subprocess.Popen([sys.executable, "-c", code])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait()
