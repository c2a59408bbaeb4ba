"""What is known to help against a category, in Markdown of our own. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from flakebot.model import Category

# pytest-forked 1.7.5, the newest, fails every test under pytest 9.2: "EXITED with status 3".
_ISOLATION = "process isolation (`--forked` of pytest-forked, with pytest 9.1 or older)"

REMEDIES: Mapping[Category, str] = {
    Category.CRASH_SIGABRT: (
        "The process was aborted, which takes every other test of its worker with it. Run the "
        f"file with {_ISOLATION} until the abort itself is fixed; a native runtime that is "
        "created twice in one process is a common reason."
    ),
    Category.CRASH_SIGSEGV: (
        f"The process was killed by an invalid memory access; {_ISOLATION} keeps it from taking "
        "other tests along, and `PYTHONFAULTHANDLER=1` shows where it happened."
    ),
    Category.CRASH_OTHER_SIGNAL: (
        f"The process was killed by a signal; {_ISOLATION} keeps it from taking other tests along."
    ),
    Category.WORKER_CRASH: (
        f"A pytest-xdist worker died; {_ISOLATION} keeps the crash to one test and names the "
        "signal."
    ),
    Category.TEST_TIMEOUT: (
        "The test passed its time limit. Compare the levels of parallelism above: a test that "
        "times out only under load is starved, and wants to wait for a condition with a bound of "
        "its own rather than for a fixed time."
    ),
    Category.HANG: (
        "The test went silent until the job was ended. A time limit per test (pytest-timeout) "
        "turns the silence into a stack trace."
    ),
    Category.PORT_CONFLICT: "Bind port 0 and read back the port that was given.",
    Category.CUDA_OOM: (
        "GPU memory ran out. Tests that share a GPU need a limit each, or must not run at the same "
        "time."
    ),
    Category.OOM_KILL: "Memory ran out: fewer workers, or a smaller test.",
    Category.SNAPSHOT_MISMATCH: "Sort what has no order before it is compared.",
}
