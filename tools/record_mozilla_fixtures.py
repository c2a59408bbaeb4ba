"""Record what Mozilla's harnesses print, by mozlog's own formatter over a toy harness.

    python -m tools.record_mozilla_fixtures [SCENARIO ...]

The harnesses need a browser's source tree; what they print is mozlog's, which needs nothing. The
logs are committed; their expectations beside them are blessed with
`BLESS=1 pytest tests/unit/test_fixture_logs.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.fixture_log import Scenario, record

PACKAGES = ["mozlog==8.1.0", "setuptools"]

HARNESS = """
import sys
from mozlog.formatters import TbplFormatter
from mozlog.handlers import StreamHandler
from mozlog.structuredlog import StructuredLogger
log = StructuredLogger('toy')
log.add_handler(StreamHandler(sys.stdout, TbplFormatter()))
"""
GREEN = (
    HARNESS
    + """
log.suite_start({'default': ['dom/cart/test_total.html', 'dom/cart/test_skipped.html']})
log.test_start('dom/cart/test_total.html')
log.test_status('dom/cart/test_total.html', 'is empty', 'PASS')
log.test_status('dom/cart/test_total.html', 'is known', 'FAIL', expected='FAIL')
log.test_end('dom/cart/test_total.html', 'OK')
log.test_start('dom/cart/test_skipped.html')
log.test_end('dom/cart/test_skipped.html', 'SKIP')
log.test_start('xpcshell.toml:dom/cart/unit/test_retried.js')
log.test_end('xpcshell.toml:dom/cart/unit/test_retried.js', 'FAIL', expected='FAIL',
    message='Test failed or timed out, will retry')
log.test_start('xpcshell.toml:dom/cart/unit/test_retried.js')
log.test_end('xpcshell.toml:dom/cart/unit/test_retried.js', 'PASS', expected='PASS')
log.suite_end()
"""
)
RED = (
    HARNESS
    + """
log.suite_start({'default': ['a']})
log.test_start('dom/cart/test_total.html')
log.test_status('dom/cart/test_total.html', 'is empty', 'PASS')
log.test_status('dom/cart/test_total.html', 'adds up', 'FAIL', message='got 2, expected 3',
    stack='test_total/<@dom/cart/test_total.html:12:5\\nadd@dom/cart/cart.js:3:9')
log.test_end('dom/cart/test_total.html', 'OK')
log.test_start('/cart/order.html')
log.test_status('/cart/order.html', 'an order', 'FAIL',
    message='assert_equals: expected "sent" but got "lost"')
log.test_end('/cart/order.html', 'OK')
log.test_start('/cart/slow.html')
log.test_end('/cart/slow.html', 'TIMEOUT', expected='OK')
log.test_start('dom/cart/test_slow.html')
log.test_end('dom/cart/test_slow.html', 'FAIL', message='Test timed out. -', expected='PASS')
log.test_start('Cart.Overflows')
log.crash(process=4711, signature='@ cart::Total(int)', test='Cart.Overflows',
    stackwalk_stdout='Operating system: Linux\\nCrash reason:  SIGSEGV / SEGV_MAPERR\\n'
    'Thread 0 (crashed)\\n 0  libxul.so!cart::Total(int) [cart.cpp:12]')
log.test_end('Cart.Overflows', 'CRASH', expected='PASS')
log.test_start('dom/cart/reftest.html')
log.test_end('dom/cart/reftest.html', 'PASS', expected='FAIL')
log.test_start('dom/cart/test_last.html')
log.shutdown_failure('ShutdownLeaks', 'leaked 2 window(s) until shutdown')
log.error('TEST-UNEXPECTED-FAIL | leakcheck | tab 1024 bytes leaked (Cart, Order)')
sys.exit(1)
"""
)
HARNESS_ALONE = (
    HARNESS
    + """
log.suite_start({'default': ['a']})
log.test_start('dom/cart/test_total.html')
log.test_end('dom/cart/test_total.html', 'OK')
log.shutdown_failure('automation.py', 'application timed out after 370 seconds with no output')
log.crash(process=4711, signature='@ syscall', reason='application crashed')
sys.exit(1)
"""
)

SCENARIOS = (
    Scenario("green-mozilla", "python harness.py", {"harness.py": GREEN}),
    Scenario("mozilla", "python harness.py", {"harness.py": RED}),
    Scenario("mozilla-harness", "python harness.py", {"harness.py": HARNESS_ALONE}),
)


def main() -> None:
    """Record the scenarios named on the command line, or all."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        home = root / "python"
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([home / "bin/python", "-m", "pip", "-q", "install", *PACKAGES], check=True)
        path = os.environ["PATH"]  # noqa: TID251  a script of its own, not the product
        for scenario in SCENARIOS:
            if not wanted or scenario.name in wanted:
                record(
                    scenario,
                    root,
                    {"PATH": f"{home / 'bin'}:{path}"},
                    {str(home): "/opt/hostedtoolcache/venv"},
                )


if __name__ == "__main__":
    main()
