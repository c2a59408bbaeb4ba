"""Record what jest, vitest, mocha, node's runner and Playwright print, by really running a toy
project. Playwright's tests ask for no page, so that they need no browser.

    python -m tools.record_js_fixtures [SCENARIO ...]

Needs node 20 or newer and npm. The logs are committed; their expectations beside them are blessed
with `BLESS=1 pytest tests/unit/test_fixture_logs.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.fixture_log import Scenario, record

PACKAGES = {
    "a": ["jest@29.7.0", "vitest@3.2.4", "mocha@11.7.1", "@playwright/test@1.65.1"],
    "b": ["jest@30.2.0", "vitest@2.1.9", "mocha@9.2.2"],
}

PACKAGE = '{"name": "cart", "version": "1.0.0"}\n'
CART = """
class Cart {
  constructor() { this.items = []; }
  add(item) {
    if (!item.price) throw new TypeError('an item needs a price');
    this.items.push(item);
  }
  total() { return this.items.reduce((sum, item) => sum + item.price, 0); }
}
module.exports = { Cart };
"""

# ------------------------------------------------------------------------------------------
# jest

JEST_OK = """
const { Cart } = require('../lib/cart');
describe('an empty cart', () => {
  test('costs nothing', () => { expect(new Cart().total()).toBe(0); });
  test('warns', () => {
    console.error('the server is slow to answer');
    console.log('FAIL test/other.test.js\\n  \\u25cf cart \\u203a what a program prints\\n');
  });
  test.skip('is shown', () => {});
  test.todo('is sent');
});
"""
JEST_RETRY = """
jest.retryTimes(2, { logErrorsBeforeRetry: true });
let tries = 0;
describe('the server', () => {
  it('answers in the end', () => { tries += 1; expect(tries).toBe(3); });
});
"""
JEST_BAD = """
const { Cart } = require('../lib/cart');
describe('cart', () => {
  describe('with items', () => {
    it('adds them up', () => {
      const cart = new Cart();
      cart.add({ price: 2 });
      expect(cart.total()).toEqual(3);
    });
    it.each([[1, 2], [2, 3]])('counts %i as %i', (given, wanted) => {
      expect(given).toBe(wanted);
    });
  });
  it('refuses \\u203a an item without a price', () => { new Cart().add({}); });
  it('answers in time', async () => { await new Promise((done) => setTimeout(done, 5000)); }, 100);
  it('renders', () => { expect('<b>2</b>').toMatchSnapshot(); });
  it('is empty at first', () => { expect(new Cart().items).toHaveLength(0); });
});
describe('the database', () => {
  beforeAll(() => { throw new Error('connect ECONNREFUSED 127.0.0.1:5432'); });
  it('stores a cart', () => {});
  it('finds a cart', () => {});
});
it('stands alone', () => { expect({ a: 1, b: [1, 2] }).toStrictEqual({ a: 1, b: [1, 3] }); });
"""
JEST_SNAPSHOT = (
    '// Jest Snapshot v1, https://goo.gl/fbAQLP\n\nexports[`cart renders 1`] = `"<b>1</b>"`;\n'
)
JEST_REJECTION = """
test('leaks a promise', async () => {
  Promise.reject(new Error('nobody waits for this answer'));
  await new Promise((done) => setTimeout(done, 50));
});
"""
SYNTAX = "describe('broken', () => {\n  it('is never read', () => {);\n});\n"
JEST_FILES = {
    "package.json": PACKAGE,
    "jest.config.js": "module.exports = { testEnvironment: 'node' };\n",
    "lib/cart.js": CART,
    "test/empty.test.js": JEST_OK,
}
JEST_GITHUB = """
module.exports = { reporters: [['github-actions', { silent: false }], 'summary'] };
"""
JEST_RED = {
    **JEST_FILES,
    "test/cart.test.js": JEST_BAD,
    "test/__snapshots__/cart.test.js.snap": JEST_SNAPSHOT,
    "test/retry.test.js": JEST_RETRY,
    "test/syntax.test.js": SYNTAX,
}

JEST_30 = {
    "test/__snapshots__/cart.test.js.snap": JEST_SNAPSHOT.replace(
        "https://goo.gl/fbAQLP", "https://jestjs.io/docs/snapshot-testing"
    )
}

# ------------------------------------------------------------------------------------------
# vitest


def _vitest(text: str) -> str:
    """The same tests for vitest."""
    names = "import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';\n"
    return names + text.replace(
        "const { Cart } = require('../lib/cart');", "import { Cart } from '../lib/cart.mjs';"
    )


VITEST_RETRY = """
let tries = 0;
describe('the server', () => {
  it('answers in the end', { retry: 2 }, () => { tries += 1; expect(tries).toBe(3); });
  it('never answers', { retry: 2 }, () => { expect(tries).toBe(30); });
});
"""
VITEST_AGAIN = VITEST_RETRY.replace("toBe(30)", "toBe(3)")
VITEST_SNAPSHOT = (
    "// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html\n\n"
    'exports[`cart > renders 1`] = `"<b>1</b>"`;\n'
)
VITEST_FILES = {
    "package.json": PACKAGE,
    "lib/cart.mjs": CART.replace("module.exports =", "export"),
    "test/empty.test.mjs": _vitest(JEST_OK),
}
VITEST_RED = {
    **VITEST_FILES,
    "test/cart.test.mjs": _vitest(JEST_BAD),
    "test/__snapshots__/cart.test.mjs.snap": VITEST_SNAPSHOT,
    "test/retry.test.mjs": _vitest(VITEST_RETRY),
    "test/syntax.test.mjs": SYNTAX,
}

# ------------------------------------------------------------------------------------------
# mocha

MOCHA_OK = """
const assert = require('assert');
const { Cart } = require('../lib/cart');
describe('an empty cart', function () {
  it('costs nothing', function () { assert.strictEqual(new Cart().total(), 0); });
  it('prints', function () {
    console.log('  1 failing\\n\\n  1) cart\\n       what a program prints:\\n');
  });
  it('is sent');
});
"""
MOCHA_RETRY = """
const assert = require('assert');
let tries = 0;
describe('the server', function () {
  this.retries(2);
  it('answers in the end', function () { tries += 1; assert.equal(tries, 3); });
});
"""
MOCHA_BAD = """
const assert = require('assert');
const { Cart } = require('../lib/cart');
describe('cart', function () {
  describe('with items', function () {
    it('adds them up', function () {
      const cart = new Cart();
      cart.add({ price: 2 });
      assert.deepStrictEqual([cart.total(), 1], [3, 1]);
    });
  });
  it('refuses an item without a price', function () { new Cart().add({}); });
  it('answers in time', function (done) { this.timeout(50); });
  it('says in its name: a colon', function () { assert.ok(false, 'colons are well'); });
});
describe('the database', function () {
  before('connects', function () { throw new Error('connect ECONNREFUSED 127.0.0.1:5432'); });
  it('stores a cart', function () {});
});
describe('the queue', function () {
  afterEach(function () { throw new Error('the queue is not empty'); });
  it('takes a cart', function () {});
  it('gives a cart back', function () {});
});
it('stands alone', function () { throw new Error('two lines\\nof text'); });
"""
MOCHA_UNCAUGHT = """
it('leaks an error', function (done) {
  setTimeout(function () { throw new Error('nobody waits for this answer'); }, 10);
  setTimeout(done, 50);
});
"""
MOCHA_ONCE = """
const fs = require('fs');
describe('the server', function () {
  it('answers the second time', function () {
    const seen = fs.existsSync('mark');
    fs.writeFileSync('mark', '');
    if (!seen) throw new Error('the server did not answer');
  });
});
"""
MOCHA_FILES = {"package.json": PACKAGE, "lib/cart.js": CART, "test/empty.js": MOCHA_OK}
MOCHA_RED = {**MOCHA_FILES, "test/cart.js": MOCHA_BAD, "test/retry.js": MOCHA_RETRY}

# ------------------------------------------------------------------------------------------
# node's own

NODE_OK = """
const assert = require('node:assert');
const { describe, it, test } = require('node:test');
const { Cart } = require('../lib/cart');
test('an empty cart costs nothing', () => { assert.strictEqual(new Cart().total(), 0); });
test('is shown # 1', { skip: 'needs a screen' }, () => {});
test('is sent', { todo: true }, () => {});
describe('a cart', () => { it('is a class', () => { assert.ok(Cart); }); });
"""
NODE_BAD = """
const assert = require('node:assert');
const { after, before, describe, it, test } = require('node:test');
const { Cart } = require('../lib/cart');
describe('cart', () => {
  describe('with items', () => {
    it('adds them up', () => {
      const cart = new Cart();
      cart.add({ price: 2 });
      assert.deepStrictEqual([cart.total(), 1], [3, 1]);
    });
    it('is a class', () => { assert.ok(Cart); });
  });
  it('refuses an item without a price', () => { new Cart().add({}); });
  it('answers in time', { timeout: 50 }, async () => {
    await new Promise((done) => setTimeout(done, 500));
  });
});
describe('the database', () => {
  before(() => { throw new Error('connect ECONNREFUSED 127.0.0.1:5432'); });
  it('stores a cart', () => {});
});
test('a group', async (t) => {
  await t.test('fails # inside', () => { assert.equal(1, 2); });
  await t.test('passes inside', () => {});
});
test('prints', () => {
  console.log('not ok 1 - what a program prints');
  console.log('\\u2716 what a program prints (1.5ms)');
});
test('is to be sent', { todo: true }, () => { throw new Error('not yet'); });
test('leaks a promise', async () => {
  Promise.reject(new Error('nobody waits for this answer'));
  await new Promise((done) => setTimeout(done, 50));
});
"""
NODE_FILES = {"package.json": PACKAGE, "lib/cart.js": CART, "test/empty.test.js": NODE_OK}
NODE_RED = {**NODE_FILES, "test/cart.test.js": NODE_BAD, "test/syntax.test.js": SYNTAX}

# ------------------------------------------------------------------------------------------
# Playwright

PLAYWRIGHT_OK = """
const { expect, test } = require('@playwright/test');
test.describe('an empty cart', () => {
  test('costs nothing', () => { expect(0).toBe(0); });
  test('prints', () => {
    console.log('  1) [chromium] \\u203a test/other.spec.js:1:1 \\u203a what a program prints');
  });
  test.skip('is shown', () => {});
});
"""
PLAYWRIGHT_RETRY = """
const { expect, test } = require('@playwright/test');
test('the server answers in the end', ({}, info) => { expect(info.retry, 'tries').toBe(1); });
"""
PLAYWRIGHT_BAD = """
const { expect, test } = require('@playwright/test');
test.describe('cart', () => {
  test.describe('with items', () => {
    test('adds them up', () => { expect([2, 1]).toEqual([3, 1]); });
    test('says where', async () => {
      await test.step('the total', async () => { expect(2).toBe(3); });
    });
  });
  test('refuses an item \\u203a without a price', { tag: '@slow' }, () => {
    throw new TypeError('an item needs a price');
  });
  test('answers in time', async () => {
    test.setTimeout(200);
    await new Promise((done) => setTimeout(done, 5000));
  });
});
test.describe.serial('the database', () => {
  test.beforeAll(() => { throw new Error('connect ECONNREFUSED 127.0.0.1:5432'); });
  test('stores a cart', () => {});
  test('finds a cart', () => {});
});
test('is known to fail', () => { test.fail(); });
"""
PLAYWRIGHT_CONFIG = """
module.exports = { testDir: 'test', retries: 1, workers: 1, projects: [{ name: 'chromium' }] };
"""
PLAYWRIGHT_FILES = {
    "package.json": PACKAGE,
    "playwright.config.js": PLAYWRIGHT_CONFIG,
    "test/empty.spec.js": PLAYWRIGHT_OK,
}
PLAYWRIGHT_RED = {
    **PLAYWRIGHT_FILES,
    "test/cart.spec.js": PLAYWRIGHT_BAD,
    "test/retry.spec.js": PLAYWRIGHT_RETRY,
}
PLAYWRIGHT_PLAIN = {
    **PLAYWRIGHT_RED,
    "playwright.config.js": "module.exports = { testDir: 'test', workers: 1 };\n",
}

SCENARIOS = (
    Scenario("green-jest", "npx jest", JEST_FILES, color=True),
    Scenario(
        "jest-retried",
        "npx jest",
        {**JEST_FILES, "test/retry.test.js": JEST_RETRY},
        color=True,
    ),
    Scenario("green-jest-verbose", "npx jest --verbose", JEST_FILES),
    Scenario("jest", "npx jest --ci -i", JEST_RED),
    Scenario(
        "jest-verbose",
        "npx jest --ci --verbose test/cart",
        {**JEST_FILES, "test/cart.test.js": JEST_BAD},
        color=True,
    ),
    Scenario(
        "jest-github",
        "GITHUB_ACTIONS=true npx jest --ci",
        {**JEST_FILES, "jest.config.js": JEST_GITHUB, "test/leak.test.js": JEST_REJECTION},
    ),
    Scenario("jest-rejection", "npx jest", {**JEST_FILES, "test/leak.test.js": JEST_REJECTION}),
    Scenario("jest-30", "npx jest --ci -i", {**JEST_RED, **JEST_30}),
    Scenario(
        "green-vitest",
        "npx vitest run",
        {**VITEST_FILES, "test/retry.test.mjs": _vitest(VITEST_AGAIN)},
        color=True,
    ),
    Scenario("green-vitest-verbose", "npx vitest run --reporter=verbose", VITEST_FILES),
    Scenario("vitest", "npx vitest run", VITEST_RED, color=True),
    Scenario("vitest-verbose", "npx vitest run --reporter=verbose", VITEST_RED),
    Scenario(
        "vitest-rejection",
        "npx vitest run",
        {**VITEST_FILES, "test/leak.test.mjs": _vitest(JEST_REJECTION)},
    ),
    Scenario("vitest-github", "GITHUB_ACTIONS=true npx vitest run", VITEST_RED),
    Scenario("vitest-2", "npx vitest run", VITEST_RED),
    Scenario("green-mocha", "npx mocha", {**MOCHA_FILES, "test/retry.js": MOCHA_RETRY}, color=True),
    Scenario("mocha", "npx mocha", MOCHA_RED, color=True),
    Scenario("mocha-dots", "npx mocha --reporter dot", MOCHA_RED),
    Scenario("mocha-syntax", "npx mocha", {**MOCHA_FILES, "test/syntax.js": SYNTAX}),
    Scenario("mocha-uncaught", "npx mocha", {**MOCHA_FILES, "test/leak.js": MOCHA_UNCAUGHT}),
    Scenario(
        "mocha-again",
        "npx mocha || npx mocha",
        {**MOCHA_FILES, "test/once.js": MOCHA_ONCE},
    ),
    Scenario("mocha-9", "npx mocha", MOCHA_RED),
    Scenario("green-node", "node --test --test-reporter=spec test/", NODE_FILES, color=True),
    Scenario("green-node-tap", "node --test test/", NODE_FILES),
    Scenario("node", "node --test --test-reporter=spec test/", NODE_RED),
    Scenario("node-tap", "node --test test/", NODE_RED),
    Scenario(
        "green-playwright",
        "npx playwright test --reporter=list",
        PLAYWRIGHT_FILES,
        color=True,
    ),
    Scenario(
        "playwright-flaky",
        "npx playwright test --reporter=list",
        {**PLAYWRIGHT_FILES, "test/retry.spec.js": PLAYWRIGHT_RETRY},
        color=True,
    ),
    Scenario("playwright", "npx playwright test --reporter=list", PLAYWRIGHT_RED, color=True),
    Scenario("playwright-line", "npx playwright test --reporter=line", PLAYWRIGHT_RED),
    Scenario("playwright-dot", "npx playwright test --reporter=dot", PLAYWRIGHT_PLAIN),
    Scenario(
        "playwright-github",
        "GITHUB_ACTIONS=true npx playwright test --reporter=github,list -x",
        PLAYWRIGHT_RED,
    ),
    Scenario(
        "playwright-syntax",
        "npx playwright test --reporter=list",
        {**PLAYWRIGHT_FILES, "test/syntax.spec.js": SYNTAX},
    ),
    Scenario(
        "vitest-then-playwright",
        "npx vitest run test/cart.test.mjs || npx playwright test --reporter=line",
        {
            **VITEST_FILES,
            "test/cart.test.mjs": _vitest(JEST_REJECTION),
            **PLAYWRIGHT_RED,
            "playwright.config.js": PLAYWRIGHT_CONFIG.replace(
                "testDir", "testMatch: '*.spec.js', testDir"
            ),
        },
    ),
)

OTHERS = {"jest-30", "vitest-2", "mocha-9"}
"""Scenarios of the other versions."""


def main() -> None:
    """Record the scenarios named on the command line, or all."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        for versions, packages in PACKAGES.items():
            root = Path(place) / versions
            root.mkdir()
            (root / "package.json").write_text(PACKAGE)
            install = ["npm", "install", "--silent", "--no-audit", "--no-fund", *packages]
            subprocess.run(install, cwd=root, check=True)
            for scenario in SCENARIOS:
                fits = (scenario.name in OTHERS) == (versions == "b")
                if fits and (not wanted or scenario.name in wanted):
                    path = os.environ["PATH"]  # noqa: TID251  a script of its own
                    record(
                        scenario,
                        root,
                        {"PATH": f"{root / 'node_modules/.bin'}:{path}"},
                        {str(root): "/home/runner/work/repo"},
                    )


if __name__ == "__main__":
    main()
