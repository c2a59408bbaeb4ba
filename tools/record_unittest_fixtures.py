"""Record what unittest, Django's runner, nose2 and tox print, by really running a toy project.

    python -m tools.record_unittest_fixtures [SCENARIO ...]

The logs are committed; their expectations beside them are blessed with
`BLESS=1 pytest tests/unit/test_fixture_logs.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.fixture_log import Scenario, record

PACKAGES = ["django>=5.2,<6", "nose2>=0.15", "tblib>=3", "tox>=4"]

STORE = '''
import logging
import os
import unittest


class TestStore(unittest.TestCase):
    """What a store of blocks keeps."""

    def test_reads_back(self):
        """A block is read back as it was written."""
        self.assertEqual(b"a", b"a")

    def test_counts_blocks(self):
        self.assertEqual({"used": 3, "free": 5}, {"used": 3, "free": 5})

    @unittest.skip("needs a GPU")
    def test_on_the_gpu(self):
        pass

    @unittest.expectedFailure
    def test_evicts_oldest(self):
        self.assertEqual(1, 2)

    def test_prints(self):
        print("Traceback (most recent call last):")
        print("FAIL: test_that_a_program_prints (store.TestStore)")
        logging.getLogger("store").warning("a warning between the lines")
'''

BROKEN = '''

class TestBroken(unittest.TestCase):
    def test_keeps_order(self):
        """Blocks come back in order."""
        self.assertEqual(["a", "b"], ["b", "a"])

    def test_lengths(self):
        for length in (1, 2, 3):
            with self.subTest("of a block", length=length):
                self.assertNotEqual(length % 2, 1)

    def test_raises(self):
        try:
            {}["block-7"]
        except KeyError as error:
            raise RuntimeError("block-7 is not in the store") from error

    @unittest.expectedFailure
    def test_works_again(self):
        pass


class TestDatabase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ConnectionRefusedError(111, "Connection refused")

    def test_never_runs(self):
        pass


class TestTornDown(unittest.TestCase):
    def tearDown(self):
        raise OSError("the folder is not empty")

    def test_passes_before(self):
        pass
'''

CRASH = """

class TestNative(unittest.TestCase):
    def test_a_works(self):
        pass

    def test_b_aborts(self):
        os.abort()
"""

SYNTAX = "def broken(:\n    pass\n"
MISSING = "from dynamo.store import Blocks\n"
DJANGO = """
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["shop"],
)
django.setup()
execute_from_command_line(sys.argv)
"""
SHOP = '''
from django.test import SimpleTestCase, TestCase


class CartTests(TestCase):
    def test_total(self):
        """The total counts every item."""
        self.assertEqual(sum([2, 3]), 6)

    def test_empty(self):
        self.assertEqual(sum([]), 0)


class ViewTests(SimpleTestCase):
    def test_renders(self):
        self.assertHTMLEqual("<p>1</p>", "<p>2</p>")
'''
SCRIPT = """
from store import Blocks


def check(blocks, held):
    assert blocks.count() == held, f"{blocks.count()} blocks are held, {held} were put"


def test_reads_back():
    check(Blocks(["a"]), 1)


def test_evicts_oldest():
    blocks = Blocks(["a", "b"])
    try:
        blocks.evict()
        check(blocks, 1)
    finally:
        blocks.close()


test_reads_back()
test_evicts_oldest()
print("all is well")
"""
MODULE = """
class Blocks:
    def __init__(self, blocks):
        self.blocks = list(blocks)

    def count(self):
        return len(self.blocks)

    def evict(self):
        self.blocks.clear()

    def close(self):
        if not self.blocks:
            raise RuntimeError("nothing to close")
"""
TOX = """[tox]
env_list = one, two
skipsdist = true
[testenv]
commands = python -m unittest {posargs:store_test}
"""

GOOD = {"tests/__init__.py": "", "tests/test_store.py": STORE}
BAD = {**GOOD, "tests/test_store.py": STORE + BROKEN}
APP = {"manage.py": DJANGO, "shop/__init__.py": "", "shop/tests.py": SHOP}
SCENARIOS = (
    Scenario("green-unittest", "python -m unittest -v", GOOD),
    Scenario("unittest-verbose", "python -m unittest -v", BAD),
    Scenario("unittest-dots", "python -m unittest", BAD),
    Scenario("unittest-buffer", "python -m unittest -b -f", BAD),
    Scenario(
        "unittest-not-importable",
        "python -m unittest -v",
        {**GOOD, "tests/test_syntax.py": SYNTAX, "tests/test_missing.py": MISSING},
    ),
    Scenario(
        "unittest-abort",
        "python -X faulthandler -m unittest -v",
        {**GOOD, "tests/test_store.py": STORE + CRASH},
    ),
    Scenario(
        "unittest-again",
        "python -m unittest -v || python -m unittest -v",
        {
            **GOOD,
            "tests/test_once.py": "import pathlib, unittest\n"
            "class TestOnce(unittest.TestCase):\n"
            "    def test_second_time(self):\n"
            "        mark = pathlib.Path('mark')\n"
            "        seen = mark.exists()\n"
            "        mark.touch()\n"
            "        self.assertTrue(seen, 'the server did not answer')\n",
        },
    ),
    Scenario("django", "python manage.py test -v 2", APP),
    Scenario("django-parallel", "python manage.py test --parallel 2 --shuffle 7", APP),
    Scenario("nose2", "nose2 -v", BAD),
    Scenario(
        "python-script",
        "python checks/test_store.py",
        {"checks/test_store.py": SCRIPT, "checks/store.py": MODULE},
    ),
    Scenario("tox-unittest", "tox -q", {"tox.ini": TOX, "store_test.py": f"{STORE}{BROKEN}"}),
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
