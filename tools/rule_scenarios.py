"""The steps that tools/record_rule_fixtures.py runs: each fails for real in its own way."""

# ruff: noqa: E501  a script stands on one line, as the log shows it
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scenario:
    """One step: its script, the files it finds, and the rule that must win."""

    rule: str
    name: str
    script: str
    files: Mapping[str, str] = field(default_factory=dict)


def _c(body: str, head: str = "#include <stdlib.h>\n") -> dict[str, str]:
    return {"main.c": f"{head}int main(void) {{ {body} }}\n"}


def _rust(body: str) -> dict[str, str]:
    return {"main.rs": f"fn main() {{ {body} }}\n"}


def _go(body: str, imports: str = "") -> dict[str, str]:
    return {
        "go.mod": "module example.com/app\n\ngo 1.19\n",
        "main.go": f"package main\n\n{imports}\nfunc main() {{\n\t{body}\n}}\n",
    }


def _python(statement: str) -> str:
    return f"python -c '{statement}'"


def _package(name: str, version: str, **more: str) -> dict[str, str]:
    lines = "".join(f"{key.replace('_', '-')} = {text}\n" for key, text in more.items())
    text = f'[project]\nname = "{name}"\nversion = "{version}"\n{lines}'
    return {f"{name}-{version}/pyproject.toml": text, f"{name}-{version}/{name}.py": ""}


_SETUP = (
    "from setuptools import setup\nraise SystemExit('this package needs a compiler')\nsetup()\n"
)
_NPM = '{"name": "app", "version": "1.0.0", "private": true, %s}\n'
_HUB = "from huggingface_hub import hf_hub_download\nhf_hub_download('org/tiny', 'config.json')\n"
_REPO = """\
git init -q -b main . && git config user.email bot@example.com && git config user.name Bot
echo one > a.txt && git add . && git commit -q -m one
"""

CRASHES = (
    Scenario("exit-137", "killed", "bash -c 'kill -KILL $$'"),
    Scenario("exit-143", "terminated", "bash -c 'kill -TERM $$'"),
    Scenario("exit-130", "interrupted", "bash -c 'kill -INT $$'"),
    Scenario("exit-124", "timeout", "timeout 1 sleep 20"),
    Scenario(
        "shell-killed", "killed", f"{_python('import os; os.kill(os.getpid(), 9)')} || exit 1"
    ),
    Scenario(
        "python-fatal-abort", "faulthandler", "python -X faulthandler -c 'import os; os.abort()'"
    ),
    Scenario("python-fatal-abort", "exit-code", "python -c 'import os; os.abort()'"),
    Scenario(
        "python-fatal-segv",
        "faulthandler",
        "python -X faulthandler -c 'import ctypes; ctypes.string_at(0)'",
    ),
    Scenario("python-fatal-segv", "exit-code", "bash -c 'kill -SEGV $$'"),
    Scenario(
        "other-signal",
        "bus-error",
        "python -X faulthandler -c 'import os; os.kill(os.getpid(), 7)' || exit 1",
    ),
    Scenario("fatal-exit-code", "illegal-instruction", "bash -c 'kill -ILL $$'"),
    Scenario(
        "sanitizer",
        "use-after-free",
        "gcc -g -fsanitize=address main.c -o app\n./app",
        _c("char *p = malloc(8); free(p); return p[3];"),
    ),
    Scenario(
        "sanitizer",
        "overflow",
        "gcc -g -fsanitize=undefined -fno-sanitize-recover main.c -o app\n./app 2147483647",
        {"main.c": "#include <stdlib.h>\nint main(int c, char **v) { return atoi(v[1]) + c; }\n"},
    ),
    Scenario(
        "heap-corruption",
        "double-free",
        "gcc main.c -o app\n./app",
        _c("char *volatile p = malloc(2000); malloc(8); free(p); free(p); return 0;"),
    ),
    Scenario(
        "cxx-terminate",
        "exception",
        "g++ main.cc -o app\n./app",
        {"main.cc": '#include <stdexcept>\nint main() { throw std::runtime_error("no route"); }\n'},
    ),
    Scenario(
        "cxx-terminate",
        "assert",
        "gcc main.c -o app\n./app",
        {
            "main.c": "#include <assert.h>\nint main(int c, char **v) { assert(c == 2); return 0; }\n"
        },
    ),
    Scenario(
        "rust-abort",
        "stack-overflow",
        "rustc -A warnings main.rs\n./main",
        {"main.rs": 'fn f(n: u64) -> u64 { f(n + 1) + n }\nfn main() { println!("{}", f(0)) }\n'},
    ),
    Scenario(
        "rust-panic",
        "index",
        "rustc main.rs\n./main",
        _rust('let v: Vec<String> = std::env::args().collect(); println!("{}", v[7])'),
    ),
    Scenario("go-panic", "nil-map", "go run .", _go('var m map[string]int\n\tm["a"] = 1')),
    Scenario("go-panic", "deadlock", "go run .", _go("c := make(chan int)\n\t<-c")),
    Scenario(
        "test-time-limit",
        "faulthandler",
        _python(
            "import faulthandler, time; faulthandler.dump_traceback_later(1, exit=True); time.sleep(9)"
        ),
    ),
    Scenario(
        "child-died",
        "process-pool",
        "python main.py",
        {
            "main.py": "import os\nfrom concurrent.futures import ProcessPoolExecutor\n"
            "if __name__ == '__main__':\n    with ProcessPoolExecutor(1) as pool:\n"
            "        pool.submit(os._exit, 3).result()\n"
        },
    ),
)

LIMITS = (
    Scenario("memory-error", "python", "ulimit -v 400000\n" + _python("bytearray(10**10)")),
    Scenario(
        "js-heap",
        "node",
        "node --max-old-space-size=24 main.js",
        {"main.js": "const a = []; for (;;) a.push(Array(1000).fill(a.length));\n"},
    ),
    Scenario(
        "jvm-heap",
        "java",
        "java -Xmx24m Main.java",
        {
            "Main.java": "class Main { public static void main(String[] a) { long[][] all = new long[9999][]; for (int i = 0; i < 9999; i++) all[i] = new long[100000]; } }\n"
        },
    ),
    Scenario(
        "allocation-failed",
        "c++",
        "g++ main.cc -o app\nulimit -v 200000\n./app",
        {
            "main.cc": "#include <vector>\nint main() { return std::vector<char>(4000000000).size() == 1; }\n"
        },
    ),
    Scenario(
        "allocation-failed",
        "rust",
        "rustc main.rs\nulimit -v 200000\n./main",
        _rust('let v = vec![1u8; 4_000_000_000]; println!("{}", v.len())'),
    ),
    Scenario("disk-full", "dd", "dd if=/dev/zero of=/dev/full bs=4k count=9"),
    Scenario("disk-full", "python", _python('f = open("/dev/full", "w"); f.write("x"); f.close()')),
    Scenario("disk-full", "node", 'node -e \'require("fs").writeFileSync("/dev/full", "x")\''),
    Scenario(
        "too-many-files",
        "python",
        "ulimit -n 16\n" + _python('files = [open("/dev/null") for _ in range(20)]'),
    ),
    Scenario(
        "too-many-processes",
        "threads",
        "ulimit -v 600000\npython main.py",
        {
            "main.py": "import threading, time\nthreading.stack_size(64 * 2**20)\nfor _ in range(99):\n    threading.Thread(target=time.sleep, args=(1,)).start()\n"
        },
    ),
    Scenario(
        "port-in-use",
        "python",
        "python -c \"import socket, sys; s = [socket.socket(), socket.socket()]; [x.bind(('127.0.0.1', 0 if x is s[0] else s[0].getsockname()[1])) for x in s]\"",
    ),
    Scenario(
        "port-in-use",
        "node",
        "node main.js",
        {
            "main.js": "const net = require('net');\nconst a = net.createServer().listen(0, '127.0.0.1', () => net.createServer().listen(a.address().port, '127.0.0.1'));\n"
        },
    ),
    Scenario("nvml", "no-driver", _python("import pynvml; pynvml.nvmlInit()")),
)

NETWORK = (
    Scenario("dns", "curl", "curl -sSf https://files.invalid/a.tgz -o a.tgz"),
    Scenario(
        "dns",
        "python",
        _python('import urllib.request; urllib.request.urlopen("https://files.invalid/")'),
    ),
    Scenario("dns", "node", 'node -e \'require("https").get("https://files.invalid/")\''),
    Scenario("dns", "wget", "wget -nv --tries=1 https://files.invalid/a.tgz"),
    Scenario("net-connection", "curl", 'curl -sSf "http://$CLOSED/a.tgz" -o a.tgz'),
    Scenario("net-connection", "curl-hangs-up", 'curl -sSf "$HUB/drop/a.tgz" -o a.tgz'),
    Scenario(
        "net-connection",
        "requests",
        "python -c \"import requests; requests.get('http://$CLOSED/')\"",
    ),
    Scenario(
        "net-connection", "hangs-up", "python -c \"import requests; requests.get('$HUB/drop/')\""
    ),
    Scenario("net-connection", "node", "node -e \"require('http').get('http://$CLOSED/')\""),
    Scenario("net-timeout", "curl", 'curl -sSf --max-time 1 "$HUB/slow/200" -o a.tgz'),
    Scenario(
        "net-timeout",
        "requests",
        "python -c \"import requests; requests.get('$HUB/slow/200', timeout=1)\"",
    ),
    Scenario("http-5xx", "curl", 'curl -sSf "$HUB/status/503" -o a.tgz'),
    Scenario(
        "http-5xx",
        "requests",
        "python -c \"import requests; requests.get('$HUB/status/502').raise_for_status()\"",
    ),
    Scenario("http-5xx", "wget", 'wget -nv --tries=1 "$HUB/status/500"'),
    Scenario("rate-limit", "curl", 'curl -sSf "$HUB/status/429" -o a.tgz'),
    Scenario(
        "rate-limit",
        "requests",
        "python -c \"import requests; requests.get('$HUB/status/429').raise_for_status()\"",
    ),
    Scenario("missing-download", "curl", 'curl -sSfL "$HUB/status/404" -o a.tgz'),
    Scenario("missing-download", "wget", 'wget -nv --tries=1 "$HUB/status/404"'),
    Scenario("missing-download", "tar", "echo '<html>not here</html>' > a.tgz\ntar xzf a.tgz"),
    Scenario("certificate", "curl", 'curl -sSf "$TLS/status/200"'),
    Scenario(
        "certificate", "requests", "python -c \"import requests; requests.get('$TLS/status/200')\""
    ),
    Scenario("git-remote", "certificate", 'git clone -q "$TLS/org/repo.git"'),
    Scenario("tls", "curl", 'curl -sSf "https://${HUB#http://}/"'),
    Scenario("ssh", "refused", 'ssh -o BatchMode=yes -p "${CLOSED#*:}" git@127.0.0.1 true'),
    Scenario("docker-daemon", "no-daemon", "docker -H unix:///var/run/no-docker.sock ps"),
    Scenario("kubernetes-api", "refused", 'kubectl --server="http://$CLOSED" get pods'),
    Scenario(
        "database",
        "redis",
        "python -c \"import redis; redis.Redis(port=int('$CLOSED'[10:])).ping()\"",
    ),
    Scenario(
        "nats",
        "no-server",
        "python main.py",
        {
            "main.py": "import asyncio, os, nats\n\nasync def main():\n    await nats.connect('nats://' + os.environ['CLOSED'], allow_reconnect=False)\n\nasyncio.run(main())\n"
        },
    ),
    Scenario(
        "grpc-unavailable",
        "refused",
        "python main.py",
        {
            "main.py": "import os, grpc\nchannel = grpc.insecure_channel(os.environ['CLOSED'])\ncall = channel.unary_unary('/frontend/Ready', bytes, bytes)\ncall(b'', timeout=20)\n"
        },
    ),
)

SOURCES = (
    Scenario("git-remote", "no-host", "git clone https://git.invalid/org/repo.git"),
    Scenario("git-remote", "bad-gateway", 'git clone "$HUB/status/502/repo.git"'),
    Scenario("git-denied", "no-token", 'git clone "$HUB/status/401/repo.git"'),
    Scenario("git-denied", "not-found", 'git clone "$HUB/status/404/repo.git"'),
    Scenario(
        "git-missing-ref",
        "tag",
        f"{_REPO}git clone -q . copy && cd copy\ngit fetch origin refs/tags/v9",
    ),
    Scenario("git-missing-ref", "pathspec", f"{_REPO}git checkout v9"),
    Scenario("git-missing-ref", "branch", f"{_REPO}git clone -b v9 . copy"),
    Scenario("git-lock", "index", f"{_REPO}touch .git/index.lock\ngit add a.txt"),
    Scenario(
        "git-submodule",
        "no-url",
        f"{_REPO}git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),x\ngit submodule update --init",
    ),
    Scenario(
        "git-conflict",
        "merge",
        f"{_REPO}git checkout -q -b other && echo two > a.txt && git commit -q -am two\ngit checkout -q main && echo three > a.txt && git commit -q -am three\ngit merge other",
    ),
    Scenario(
        "git-conflict",
        "patch",
        f"{_REPO}git apply a.patch",
        {"a.patch": "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-seven\n+eight\n"},
    ),
    Scenario("git-dubious-owner", "other-owner", f"{_REPO}chown -R nobody .\ngit status"),
)

PACKAGES = (
    Scenario(
        "pip-no-version", "missing", 'pip install --index-url "$HUB/status/404" dynamo-runtime==9.9'
    ),
    Scenario(
        "pip-no-version",
        "refused",
        'pip install --index-url "http://$CLOSED/simple" dynamo-runtime',
    ),
    Scenario(
        "pip-conflict",
        "versions",
        "pip install --no-index --no-build-isolation ./alpha-1.0 ./beta-1.0",
        _package("alpha", "1.0", dependencies="[]")
        | _package("beta", "1.0", dependencies='["alpha==2"]'),
    ),
    Scenario(
        "pip-build",
        "setup",
        "pip install --no-index --no-build-isolation ./alpha",
        {"alpha/setup.py": _SETUP},
    ),
    Scenario(
        "pip-hashes",
        "hashes",
        "pip download -q --no-index --no-deps --no-build-isolation ./alpha-1.0 -d wheels || true\npip wheel -q --no-index --no-build-isolation --no-deps ./alpha-1.0 -w wheels\npip install --no-index --find-links wheels -r requirements.txt",
        _package("alpha", "1.0") | {"requirements.txt": f"alpha==1.0 --hash=sha256:{'0' * 64}\n"},
    ),
    Scenario("pip-install", "no-requirements", "pip install -r requirements.txt"),
    Scenario(
        "pip-install",
        "python-version",
        "pip install --no-index --no-build-isolation ./alpha-1.0",
        _package("alpha", "1.0", requires_python='">=3.99"'),
    ),
    Scenario(
        "uv-resolve",
        "missing",
        'uv pip install --python "$(which python)" --no-index dynamo-runtime',
    ),
    Scenario(
        "uv-resolve",
        "lockfile",
        "uv lock -q --no-index\nsed -i 's/1.0/2.0/' pyproject.toml\nuv sync --locked --no-index",
        {
            "pyproject.toml": '[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
        },
    ),
    Scenario(
        "uv-fetch",
        "unavailable",
        'UV_HTTP_RETRIES=0 uv pip install --python "$(which python)" --index-url "$HUB/status/503" dynamo-runtime',
    ),
    Scenario("npm-network", "refused", 'npm install --registry "http://$CLOSED/" left-pad'),
    Scenario("npm-network", "unavailable", 'npm install --registry "$HUB/status/503/" left-pad'),
    Scenario("npm-missing", "missing", 'npm install --registry "$HUB/status/404/" left-pad'),
    Scenario(
        "npm-lockfile",
        "out-of-step",
        "npm ci",
        {
            "package.json": _NPM % '"dependencies": {"x": "file:x"}',
            "x/package.json": _NPM % '"main": "x.js"',
            "package-lock.json": '{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "app", "version": "1.0.0"}}}\n',
        },
    ),
    Scenario("npm-lockfile", "none", "npm ci", {"package.json": _NPM % '"main": "x.js"'}),
    Scenario(
        "npm-conflict",
        "engine",
        "npm install --offline --engine-strict",
        {"package.json": _NPM % '"engines": {"node": ">=99"}'},
    ),
    Scenario(
        "npm-script",
        "missing",
        "npm run tset",
        {"package.json": _NPM % '"scripts": {"test": "true"}'},
    ),
    Scenario("npm-script", "no-json", "npm run test", {"package.json": '{"name": "app",}\n'}),
    Scenario("apt-missing", "missing", "apt-get install -y libdynamo-dev"),
    Scenario(
        "apt-signature",
        "no-release",
        'mkdir -p lists/partial\necho "deb $HUB/status/404 noble main" > sources.list\napt-get -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$PWD/lists" update',
    ),
    Scenario(
        "apt-lock",
        "held",
        "mkdir -p lists/partial\npython -c \"import fcntl, time; f = open('lists/lock', 'w'); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(5)\" &\nsleep 2\napt-get -o Dir::State::lists=\"$PWD/lists\" update",
    ),
    Scenario(
        "crate-download",
        "refused",
        "cargo build",
        {
            "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nserde = "1"\n',
            "src/main.rs": "fn main() {}\n",
            ".cargo/config.toml": '[source.crates-io]\nreplace-with = "mirror"\n\n[source.mirror]\nregistry = "sparse+http://127.0.0.1:9/"\n\n[net]\nretry = 0\n',
        },
    ),
    Scenario(
        "crate-resolve",
        "version",
        "cargo build --offline",
        {
            "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nbase = { path = "base", version = "2" }\n',
            "src/main.rs": "fn main() {}\n",
            "base/Cargo.toml": '[package]\nname = "base"\nversion = "1.0.0"\nedition = "2021"\n',
            "base/src/lib.rs": "",
        },
    ),
    Scenario(
        "crate-resolve",
        "locked",
        "cargo build --locked --offline",
        {
            "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
            "src/main.rs": "fn main() {}\n",
        },
    ),
    Scenario(
        "go-modules",
        "unavailable",
        'export GOPROXY="$HUB/status/503" GONOSUMDB=* GOFLAGS=-mod=mod\ngo get example.com/lib@v1.0.0',
        _go(""),
    ),
    Scenario(
        "go-sum",
        "missing",
        "GOFLAGS=-mod=readonly GOPROXY=off go build ./...",
        _go("lib.Do()", 'import "example.com/lib"'),
    ),
    Scenario(
        "build-fetch",
        "cmake",
        "cmake -S . -B build",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(app NONE)\ninclude(FetchContent)\nFetchContent_Declare(json URL http://127.0.0.1:9/json.tgz)\nFetchContent_MakeAvailable(json)\n"
        },
    ),
    Scenario(
        "system-library",
        "cmake",
        "cmake -S . -B build",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(app C)\nfind_package(BLAS REQUIRED)\n"
        },
    ),
    Scenario("missing-program", "bash", "nats-server --version"),
    Scenario("missing-program", "sh", "sh -c 'jest --ci'"),
    Scenario("missing-program", "cargo", "cargo nextset run"),
    Scenario(
        "missing-program", "make", "make", {"Makefile": "all:\n\tprotoc-gen-dynamo a.proto\n"}
    ),
)

HUGGING_FACE = (
    Scenario(
        "hf-repository",
        "missing",
        'HF_ENDPOINT="$HUB/hub/404/RepoNotFound" python main.py',
        {"main.py": _HUB},
    ),
    Scenario(
        "hf-gated",
        "gated",
        'HF_ENDPOINT="$HUB/hub/403/GatedRepo" python main.py',
        {"main.py": _HUB},
    ),
    Scenario(
        "hf-revision",
        "missing",
        'HF_ENDPOINT="$HUB/hub/404/RevisionNotFound" python main.py',
        {"main.py": _HUB},
    ),
    Scenario(
        "hf-missing",
        "entry",
        'HF_ENDPOINT="$HUB/hub/404/EntryNotFound" python main.py',
        {"main.py": _HUB},
    ),
    Scenario(
        "hf-rate-limit",
        "hub",
        'HF_ENDPOINT="$HUB/hub/429/none" python main.py',
        {"main.py": _HUB.replace("hf_hub_download", "model_info").replace(", 'config.json'", "")},
    ),
    Scenario(
        "hf-status",
        "unavailable",
        'HF_ENDPOINT="$HUB/hub/504/none" python main.py',
        {"main.py": _HUB.replace("hf_hub_download", "model_info").replace(", 'config.json'", "")},
    ),
    Scenario(
        "hf-connection",
        "refused",
        'HF_ENDPOINT="http://$CLOSED" python main.py',
        {"main.py": _HUB.replace("hf_hub_download", "model_info").replace(", 'config.json'", "")},
    ),
    Scenario(
        "hf-certificate",
        "self-signed",
        'HF_ENDPOINT="$TLS" python main.py',
        {"main.py": _HUB.replace("hf_hub_download", "model_info").replace(", 'config.json'", "")},
    ),
    Scenario("hf-offline", "offline", "HF_HUB_OFFLINE=1 python main.py", {"main.py": _HUB}),
    Scenario(
        "hf-bad-name",
        "three-parts",
        "python main.py",
        {"main.py": _HUB.replace("org/tiny", "org/tiny/x")},
    ),
    Scenario(
        "hf-token", "none", _python("from huggingface_hub import HfApi; HfApi().whoami()"), {}
    ),
)

CODE = (
    Scenario(
        "c-compile",
        "types",
        "gcc -c main.c",
        {"main.c": "int f(int *p);\nint main(void) { return g; }\n"},
    ),
    Scenario("c-compile", "header", "gcc -c main.c", {"main.c": "#include <missing.h>\n"}),
    Scenario(
        "c-link",
        "undefined",
        "gcc main.c -o app",
        {"main.c": "int f(int);\nint main(void) { return f(1); }\n"},
    ),
    Scenario("rust-link", "library", "rustc -l missing main.rs", _rust("")),
    Scenario(
        "rust-compile", "rustc", "rustc main.rs", _rust('let n: u32 = "one"; println!("{n}")')
    ),
    Scenario(
        "rust-compile",
        "cargo",
        "cargo build --offline",
        {
            "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
            "src/main.rs": "fn main() { missing() }\n",
        },
    ),
    Scenario("go-compile", "undefined", "go build ./...", _go("missing()")),
    Scenario(
        "jvm-compile",
        "java",
        "java Main.java",
        {"Main.java": "class Main { public static void main(String[] a) { missing(); } }\n"},
    ),
    Scenario(
        "cmake",
        "command",
        "cmake -S . -B build",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(app NONE)\nadd_subdirectory(missing)\n"
        },
    ),
    Scenario("make-rule", "target", "make tset", {"Makefile": "test:\n\ttrue\n"}),
    Scenario("build-symptom", "recipe", "make", {"Makefile": "all:\n\t@echo building; exit 3\n"}),
    Scenario("import-failed", "module", _python("import tritonclient_missing")),
    Scenario("import-failed", "run-module", "python -m tritonclient_missing"),
    Scenario("import-failed", "name", _python("from os import no_such_name")),
    Scenario("shared-library", "ctypes", _python('import ctypes; ctypes.CDLL("libnvinfer.so.99")')),
    Scenario(
        "shared-library",
        "loader",
        "gcc -shared -o libx.so x.c\ngcc main.c -L. -lx -o app\n./app",
        {
            "x.c": "int f(int n) { return n; }\n",
            "main.c": "int f(int);\nint main(void) { return f(0); }\n",
        },
    ),
    Scenario(
        "binary-incompatible",
        "elf",
        "yes text | head -c 2000 > libx.so || true\n"
        + _python('import ctypes; ctypes.CDLL("./libx.so")'),
    ),
    Scenario("js-module", "require", "node main.js", {"main.js": "require('./missing');\n"}),
    Scenario(
        "js-module", "import", "node main.mjs", {"main.mjs": "import x from 'left-pad-missing';\n"}
    ),
    Scenario("import-mismatch", "syntax", "python main.py", {"main.py": "def f(:\n    pass\n"}),
    Scenario("pytest-usage", "no-file", "pytest tests/missing"),
    Scenario("pytest-usage", "option", "pytest --fsat"),
    Scenario("assertion", "script", _python('assert 1 + 1 == 3, "sums are wrong"')),
    Scenario("exception", "script", _python('{}["worker"]')),
    Scenario("exit-127", "nothing-said", "exit 127"),
    Scenario("exit-code", "nothing-said", "exit 7"),
)

CHECKS = (
    Scenario("ruff-finding", "check", "ruff check .", {"a.py": "import os\nimport sys\n"}),
    Scenario("ruff", "format", "ruff format --check .", {"a.py": "x = {  'a':1 }\n"}),
    Scenario("ruff", "black", "black --check .", {"a.py": "x = {  'a':1 }\n"}),
    Scenario("flake8", "flake8", "flake8 a.py", {"a.py": "import os\nx=1\n"}),
    Scenario("mypy", "mypy", "mypy a.py", {"a.py": "def f() -> int:\n    return 'a'\n"}),
    Scenario("text-checks", "codespell", "codespell a.md", {"a.md": "Teh wrod is recieved.\n"}),
    Scenario("text-checks", "yamllint", "yamllint a.yml", {"a.yml": "a:   1\nb: 2   \n"}),
    Scenario("rustfmt", "rustfmt", "rustfmt --check main.rs", {"main.rs": "fn main(){let x=1;}\n"}),
    Scenario(
        "rustfmt",
        "clippy",
        "cargo clippy --offline -- -D warnings",
        {
            "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
            "src/main.rs": 'fn f() -> i32 {\n    return 1;\n}\n\nfn main() {\n    println!("{}", f());\n}\n',
        },
    ),
    Scenario(
        "coverage-threshold",
        "coverage",
        "coverage run a.py\ncoverage report --fail-under=90",
        {"a.py": "import sys\nif len(sys.argv) > 3:\n    print(1)\n    print(2)\n"},
    ),
    Scenario("permission", "not-executable", "./run.sh", {"run.sh": "echo hello\n"}),
    Scenario("missing-path", "python", "python tools/missing.py"),
    Scenario("missing-path", "cp", "cp dist/app.whl /tmp/"),
    Scenario("missing-path", "cargo", "cargo build"),
    Scenario("shell-syntax", "fi", "if true; then\n  echo one\nfi fi"),
    Scenario("shell-syntax", "quote", 'echo "one'),
    Scenario("variable-missing", "unset", 'set -u\necho "$DEPLOY_TARGET"'),
    Scenario("wrong-usage", "argparse", "python -m json.tool --fsat"),
    Scenario("wrong-usage", "ls", "ls --fsat"),
    Scenario("wrong-usage", "uv", "uv sync --fsat"),
    Scenario("settings-file", "toml", _python('import tomllib; tomllib.loads("a = ")')),
    Scenario("settings-file", "manifest", "cargo build", {"Cargo.toml": "[package\nname = 1\n"}),
)

SCENARIOS = (
    *CRASHES, *LIMITS, *NETWORK, *SOURCES, *PACKAGES, *HUGGING_FACE, *CODE, *CHECKS,
)  # fmt: skip
