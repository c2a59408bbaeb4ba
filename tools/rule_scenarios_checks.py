"""Steps that fail on the code itself: compilers, checkers, tests and what they run into."""

# ruff: noqa: E501  a script stands on one line, as the log shows it
from __future__ import annotations

from tools.rule_scenarios import Scenario

_CARGO = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'
_JEST = '{"name": "app", "private": true}\n'
_PTX = ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry f() { %s }\n"

LIMITS = (
    Scenario(
        "ray-out-of-memory",
        "monitor",
        "RAY_memory_usage_threshold=0.02 RAY_memory_monitor_refresh_ms=100 unshare --pid --fork --mount-proc python main.py",
        {
            "main.py": "import time\n\nimport ray\n\nray.init(num_cpus=1, include_dashboard=False)\n\n\n@ray.remote(max_retries=0)\ndef load():\n    model = bytearray(3 * 10**9)\n    time.sleep(20)\n    return len(model)\n\n\nprint(ray.get(load.remote()))\n"
        },
    ),
    Scenario(
        "gpu-driver",
        "cupy",
        "python -c 'import cupy; cupy.arange(3)'",
    ),
    Scenario(
        "file-watchers",
        "node",
        "unshare -U -r bash -c 'echo 1 > /proc/sys/user/max_inotify_watches; mkdir a b; node main.js'",
        {"main.js": "const fs = require('fs');\nfor (const path of ['a', 'b']) fs.watch(path);\n"},
    ),
    Scenario(
        "disk-full",
        "tmpfs",
        "mkdir small && mount -t tmpfs -o size=64k tmpfs small\ncp /etc/services small/ && cp -r /etc/ssl/certs small/ || code=$?\numount small\nexit $code",
    ),
    Scenario(
        "compiler-killed",
        "killed",
        "g++ -wrapper sh,-c,'kill -9 $$' -c main.cc",
        {"main.cc": "int main() {}\n"},
    ),
    Scenario(
        "compiler-killed",
        "memory",
        "ulimit -v 150000\ng++ -O2 -c main.cc",
        {
            "main.cc": "template <int N, int M> struct A : A<N - 1, M * 2>, A<N - 1, M * 2 + 1> {};\ntemplate <int M> struct A<0, M> {};\nA<22, 1> a;\n"
        },
    ),
    Scenario(
        "kernel-oom",
        "cgroup",
        "mkdir /sys/fs/cgroup/memory/step && echo 60M > /sys/fs/cgroup/memory/step/memory.limit_in_bytes\n(echo $BASHPID > /sys/fs/cgroup/memory/step/cgroup.procs; exec python -c 'bytearray(10**9)') || code=$?\nrmdir /sys/fs/cgroup/memory/step\ndmesg | tail -n 3\nexit $code",
    ),
    Scenario(
        "gpu-missing",
        "libcuda",
        "python -c 'import ctypes; ctypes.CDLL(\"libcuda.so.1\")'",
    ),
    Scenario(
        "cuda-kernel-image",
        "ptxas",
        "ptxas --gpu-name sm_999 main.ptx",
        {"main.ptx": _PTX % "ret;"},
    ),
    Scenario("nvcc", "ptxas", "ptxas --gpu-name sm_80 main.ptx", {"main.ptx": _PTX % "retry;"}),
    Scenario(
        "jvm-crash",
        "signal",
        "java Main.java",
        {
            "Main.java": 'class Main { public static void main(String[] a) throws Exception { new ProcessBuilder("kill", "-SEGV", "" + ProcessHandle.current().pid()).start().waitFor(); Thread.sleep(5000); } }\n'
        },
    ),
    Scenario(
        "sanitizer",
        "data-race",
        "gcc -g -fsanitize=thread main.c -o app\nTSAN_OPTIONS=halt_on_error=1 ./app",
        {
            "main.c": "#include <pthread.h>\nint n;\nvoid *f(void *p) { n++; return p; }\nint main(void) { pthread_t a, b; pthread_create(&a, 0, f, 0); pthread_create(&b, 0, f, 0); pthread_join(a, 0); pthread_join(b, 0); return 0; }\n"
        },
    ),
    Scenario(
        "heap-corruption",
        "stack-smashing",
        "gcc -fstack-protector-all main.c -o app\n./app overlong-argument",
        {
            "main.c": "#include <string.h>\nint main(int c, char **v) { char a[4]; strcpy(a, v[c - 1]); return a[0]; }\n"
        },
    ),
)

TESTS = (
    Scenario(
        "forked-abort",
        "no-dump",
        "pytest --forked -p no:faulthandler test_a.py",
        {"test_a.py": "import os\n\n\ndef test_a():\n    os.abort()\n"},
    ),
    Scenario(
        "forked-segv",
        "no-dump",
        "pytest --forked -p no:faulthandler test_a.py",
        {"test_a.py": "import os\n\n\ndef test_a():\n    os.kill(os.getpid(), 11)\n"},
    ),
    Scenario(
        "js-test-time-limit",
        "mocha",
        "mocha --timeout 50 test.js",
        {"test.js": "it('waits', (done) => setTimeout(done, 5000));\n"},
    ),
    Scenario(
        "js-test-time-limit",
        "jest",
        "jest --ci --testTimeout=50",
        {
            "package.json": _JEST,
            "wait.test.js": "test('waits', () => new Promise((done) => setTimeout(done, 500)));\n",
        },
    ),
    Scenario(
        "go-test-time-limit",
        "go",
        "go test -timeout 1s ./...",
        {
            "go.mod": "module example.com/app\n\ngo 1.19\n",
            "a_test.go": 'package app\n\nimport (\n\t"testing"\n\t"time"\n)\n\nfunc TestWaits(t *testing.T) { time.Sleep(9 * time.Second) }\n',
        },
    ),
    Scenario(
        "other-test-time-limit",
        "ctest",
        "cmake -S . -B build > /dev/null\nctest --test-dir build --timeout 1",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(app NONE)\nenable_testing()\nadd_test(NAME waits COMMAND sleep 9)\n"
        },
    ),
    Scenario(
        "worker-died",
        "xdist",
        "pytest -n 1 --max-worker-restart=0 test_a.py",
        {"test_a.py": "import os\n\n\ndef test_dies():\n    os._exit(3)\n"},
    ),
    Scenario(
        "test-exited",
        "jest",
        "jest --ci -i a.test.js",
        {"package.json": _JEST, "a.test.js": "test('stops', () => { process.exit(3); });\n"},
    ),
    Scenario(
        "snapshot",
        "syrupy",
        "pytest test_a.py",
        {"test_a.py": "def test_view(snapshot):\n    assert {'a': 1} == snapshot\n"},
    ),
    Scenario(
        "snapshot",
        "jest",
        "jest --ci",
        {
            "package.json": _JEST,
            "view.test.js": "test('view', () => expect({ a: 1 }).toMatchInlineSnapshot(`{}`));\n",
        },
    ),
    Scenario(
        "missing-fixture",
        "pytest",
        "pytest test_a.py",
        {"test_a.py": "def test_a(tmp_pat):\n    pass\n"},
    ),
    Scenario("no-tests", "jest", "jest --ci", {"package.json": _JEST}),
    Scenario("no-tests", "mocha", "mocha missing.test.js"),
    Scenario(
        "operation-canceled",
        "interrupted",
        "pytest test_a.py",
        {
            "test_a.py": "import os, signal\n\n\ndef test_a():\n    os.kill(os.getpid(), signal.SIGINT)\n"
        },
    ),
)

CHECKERS = (
    Scenario(
        "jvm-style",
        "checkstyle",
        "checkstyle -c /sun_checks.xml Main.java -f plain",
        {"Main.java": "class main { int A_b; }\n"},
    ),
    Scenario("tsc", "tsc", "tsc --noEmit main.ts", {"main.ts": "const n: number = 'one';\n"}),
    Scenario(
        "type-check", "pyright", "pyright a.py", {"a.py": "def f() -> int:\n    return 'a'\n"}
    ),
    Scenario(
        "eslint",
        "eslint",
        "eslint main.js",
        {
            "main.js": "const n = 1;\n",
            "eslint.config.js": "module.exports = [{ rules: { 'no-unused-vars': 'error' } }];\n",
        },
    ),
    Scenario("eslint", "prettier", "prettier --check main.js", {"main.js": "const   n = 1\n"}),
    Scenario(
        "gofmt",
        "vet",
        "go vet ./...",
        {
            "go.mod": "module example.com/app\n\ngo 1.19\n",
            "main.go": "package main\n\nfunc main() { missing() }\n",
        },
    ),
    Scenario(
        "clang-format",
        "format",
        "clang-format --dry-run --Werror main.c",
        {"main.c": "int main( void ){return 0;}\n"},
    ),
    Scenario(
        "clang-format",
        "tidy",
        "clang-tidy --checks='-*,bugprone-*' --warnings-as-errors='*' main.c --",
        {"main.c": "int main(void) { int n = 0; if (n = 1) return n; return 0; }\n"},
    ),
    Scenario(
        "pre-commit",
        "hook",
        "git init -q . && git add .\npre-commit run --all-files",
        {
            ".pre-commit-config.yaml": "repos:\n- repo: local\n  hooks:\n  - id: no-tabs\n    name: no tabs\n    language: system\n    entry: sed -i 's/x/y/'\n    files: a.md\n",
            "a.md": "one x two\n",
        },
    ),
    Scenario(
        "commit-checks",
        "commitlint",
        "echo 'Did something.' | commitlint",
        {
            "commitlint.config.js": "module.exports = { rules: { 'type-empty': [2, 'never'], 'subject-empty': [2, 'never'] } };\n"
        },
    ),
    Scenario(
        "generated-files",
        "diff",
        "git init -q . && git add .\nmake docs check-docs",
        {
            "Makefile": "docs:\n\tdate > docs.md\n\ncheck-docs:\n\t@git diff --quiet docs.md || { echo 'error: docs.md is out of date, run `make docs` and commit the result'; exit 1; }\n",
            "docs.md": "one\n",
        },
    ),
    Scenario(
        "lint",
        "script",
        "sh lint.sh",
        {
            "lint.sh": "if grep -n 'TODO' *.md; then\n  echo 'Lint failed!'\n  exit 1\nfi\n",
            "a.md": "TODO later\n",
        },
    ),
    Scenario(
        "license-audit",
        "headers",
        "sh check.sh",
        {
            "check.sh": 'for file in *.py; do\n  grep -q Copyright $file || { echo "$file: missing copyright header"; bad=1; }\ndone\nexit $bad\n',
            "a.py": "",
        },
    ),
)

BUILDS = (
    Scenario(
        "rust-build-script",
        "panics",
        "cargo build --offline",
        {
            "Cargo.toml": _CARGO,
            "src/main.rs": "fn main() {}\n",
            "build.rs": 'fn main() { panic!("OpenSSL was not found") }\n',
        },
    ),
    Scenario(
        "build-script",
        "extension",
        "python setup.py -q build_ext",
        {
            "setup.py": "from setuptools import Extension, setup\nsetup(name='a', ext_modules=[Extension('a', ['a.c'])])\n",
            "a.c": "int main(void) { return missing; }\n",
        },
    ),
    Scenario(
        "proto-compile",
        "type",
        "python -m grpc_tools.protoc -I. --python_out=. a.proto",
        {"a.proto": 'syntax = "proto3";\nmessage A { Missing b = 1; }\n'},
    ),
    Scenario(
        "js-compile",
        "esbuild",
        "esbuild --bundle main.js --outfile=app.js",
        {"main.js": "import './missing.js';\n"},
    ),
    Scenario(
        "js-compile",
        "vite",
        "vite build",
        {
            "index.html": '<script type="module" src="/main.js"></script>\n',
            "main.js": "import x from './missing.js';\nconsole.log(x);\n",
        },
    ),
    Scenario(
        "docs-build",
        "sphinx",
        "sphinx-build -q -W docs out",
        {"docs/conf.py": "", "docs/index.rst": "Title\n=====\n\n:ref:`missing`\n"},
    ),
    Scenario(
        "docs-build",
        "mkdocs",
        "mkdocs build --strict",
        {"mkdocs.yml": "site_name: app\n", "docs/index.md": "[gone](missing.md)\n"},
    ),
    Scenario(
        "c-compile",
        "clang-style",
        "gcc -Werror -Wall -c main.c",
        {"main.c": "int main(void) { int unused; return 0; }\n"},
    ),
)

SCENARIOS = (*LIMITS, *TESTS, *CHECKERS, *BUILDS)
