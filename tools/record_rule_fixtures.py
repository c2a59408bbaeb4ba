"""Record tests/fixtures/rules: make tools fail for real, wrap what they print as GitHub does.

Each scenario is one step: a script, the files it finds, and the rule that must tell what went
wrong; its log goes to RULE/NAME.log. Servers that misbehave listen on this machine only; names that
do not resolve end in `.invalid`. Run it to add a scenario: the logs are committed. The tools come
from Debian (docker.io, podman, git-lfs, dnf, composer, bundler, etcd-server, etcd-client,
checkstyle, ucx-utils, kubectl, JDK, Maven, Gradle, Go, CMake), rustup, and the packages named here.

    python -m tools.record_rule_fixtures [RULE | RULE/NAME ...]
"""

from __future__ import annotations

import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import re2
from tools import local_services, rule_scenarios, rule_scenarios_checks, rule_scenarios_services
from tools.rule_scenarios import Scenario

SCENARIOS = (
    *rule_scenarios.SCENARIOS,
    *rule_scenarios_services.SCENARIOS,
    *rule_scenarios_checks.SCENARIOS,
)
OUT = Path(__file__).parent.parent / "tests" / "fixtures" / "rules"
HOME = "/home/runner/work/repo/repo"
START = datetime.fromisoformat("2026-03-02T08:15:20.114532")
STEP = timedelta(milliseconds=53)
SECONDS = 60
"""No scenario runs longer."""

LARGEST = 15_000
"""Bytes of a log; of a longer one the middle is left out, as logs are cut by people."""

PACKAGES = (
    "PyGithub==2.10.0", "aiohttp==3.14.5", "awscli==1.46.3", "black==25.1.0", "boto3==1.44.5",
    "clang-format==23.1.5", "clang-tidy==23.1.4", "codecov-cli==11.3.1", "codespell==2.4.1",
    "coverage==7.10.6", "cupy-cuda12x==14.2.0",
    "flake8==7.3.0", "grpcio-tools==1.85.1", "grpcio==1.85.1", "httpx==0.28.1",
    "huggingface_hub==0.36.0", "mkdocs==1.6.1", "mypy==1.18.2", "nats-py==2.11.0",
    "nvidia-cuda-nvcc-cu12==12.9.86", "nvidia-cuda-runtime-cu12==12.9.79",
    "nvidia-ml-py==13.580.65", "poetry==2.5.1",
    "pre_commit==4.7.0", "pyright==1.1.414", "pytest-forked==1.6.0",
    "pytest-xdist==3.8.0", "pytest==8.4.2",
    "ray==2.60.0", "redis==6.4.0", "requests==2.32.5", "ruff==0.13.0", "setuptools==80.9.0",
    "sphinx==7.3.7", "syrupy==7.0.2", "twine==7.0.0", "uv==0.8.15", "yamllint==1.37.1",
)  # fmt: skip
"""What the scripts call beside the tools of the machine."""

NPM_PACKAGES = (
    "@actions/artifact@2.3.2", "@actions/cache@4.1.0", "@actions/core@1.11.1",
    "@actions/exec@1.1.1", "@commitlint/cli@19.8.1", "@octokit/request@9.2.4", "esbuild@0.25.12",
    "eslint@9.39.5", "jest@29.7.0", "mocha@11.8.0", "playwright@1.55.0", "pnpm@9.15.9",
    "prettier@3.10.1", "typescript@5.9.3", "vite@6.4.6", "yarn@1.22.22",
)  # fmt: skip

INDEXES = re2.compile(
    r"(?:pypi|crates|npmjs|pythonhosted|golang|docker|debian|ubuntu|rust-lang|pypa)\.(?:org|io|com)"
)


COMMANDS = re2.compile(r"^::(error|warning|notice|debug)(?: [^:]*)?::")
"""Workflow commands, which the runner shows otherwise."""


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers with the status, and Hugging Face's own error code, that its address names:
    `/status/503/…`, `/hub/404/RepoNotFound/…`; `/drop/…` hangs up, `/slow/…` never answers. Some
    addresses stand for other services; see `local_services`.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """One answer."""
        parts = [*self.path.split("/"), "", "", ""]
        if parts[1] == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if parts[1] == "slow":
            threading.Event().wait(6)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if (found := local_services.answer(self.path, body)) is not None:
            self._tell(*found)
            return
        self.send_response(int(parts[2]) if parts[2].isdigit() else 404)
        if parts[1] == "hub":
            self.send_header("X-Error-Code", parts[3])
        if parts[2] == "401":
            self.send_header("WWW-Authenticate", 'Basic realm="example"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_CONNECT = do_GET  # noqa: N815  http.server's names

    def _tell(self, status: int, value: object) -> None:
        text = json.dumps(value).encode()
        kind = value.get("mediaType", "application/json") if isinstance(value, dict) else ""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  inherited
        """Says nothing."""


@contextmanager
def servers(root: Path) -> Iterator[dict[str, str]]:
    """A plain and a TLS server of ours, and a port on which nobody listens."""
    started, environ = [], {}
    for name in ("HUB", "TLS"):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
        if name == "TLS":
            server.socket = _tls(root).wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environ[name] = f"{'https' if name == 'TLS' else 'http'}://127.0.0.1:{server.server_port}"
        started.append(server)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        environ["CLOSED"] = f"127.0.0.1:{held.getsockname()[1]}"
        environ["REGISTRY"] = environ["HUB"].removeprefix("http://")
        with _docker(root) as place:
            yield environ | {"DOCKER_HOST": place}
    for server in started:
        server.shutdown()


@contextmanager
def _docker(root: Path) -> Iterator[str]:
    """A Docker daemon of our own, whose containers have no network; needs `dockerd`."""
    place = f"unix://{root}/docker.sock"
    folders = ("--data-root", root / "docker", "--exec-root", root / "exec", "-p", root / "pid")
    with (root / "dockerd.log").open("wb") as sink:
        daemon = subprocess.Popen(
            ["dockerd", *folders, "-H", place, "--bridge=none", "--iptables=false",
             "--storage-driver=vfs"],
            stdout=sink, stderr=sink,
        )  # fmt: skip
    try:
        for _ in range(60):
            if (root / "docker.sock").exists():
                break
            threading.Event().wait(0.5)
        yield place
    finally:
        daemon.terminate()
        daemon.wait(30)


def _tls(root: Path) -> ssl.SSLContext:
    key, certificate = root / "key.pem", root / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=registry.invalid", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def environment(root: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """What a script sees: our tools first, nothing of this machine's settings."""
    venv, home = root / "venv", root / "home"
    home.mkdir(exist_ok=True)
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/pip", "install", "-q", *PACKAGES], check=True)
    modules = root / "npm" / "node_modules"
    if not modules.exists():
        modules.parent.mkdir()
        subprocess.run(
            ["npm", "install", "--silent", *NPM_PACKAGES], cwd=modules.parent, check=True
        )
    ptxas = next(venv.glob("lib/*/site-packages/nvidia/cuda_nvcc/bin"))
    here = os.environ  # noqa: TID251  a script of its own, not the product
    return {
        "PATH": f"{venv / 'bin'}:{modules / '.bin'}:{ptxas}:{here['PATH']}",
        "NODE_PATH": str(modules),
        "HOME": str(home),
        "CI": "true",
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "CARGO_HOME": str(home / ".cargo"),
        "CARGO_TERM_COLOR": "never",
        "RUSTUP_HOME": here.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
        "GIT_TERMINAL_PROMPT": "0",
        "GOFLAGS": "-mod=mod",
        "GOTOOLCHAIN": "local",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_RETRIES": "0",
        "npm_config_fetch_retries": "0",
        "npm_config_update_notifier": "false",
        **extra,
    }


def run(scenario: Scenario, root: Path, environ: Mapping[str, str]) -> tuple[list[str], int]:
    """The output of a scenario's script and its exit code."""
    repo = root / "repo"
    shutil.rmtree(repo, ignore_errors=True)
    repo.mkdir()
    for name, text in scenario.files.items():
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script = root / "_temp" / "6c1f8e1a-4a3c-4c57-9b57-0d9b6a5f3c11.sh"
    script.parent.mkdir(exist_ok=True)
    script.write_text(scenario.script)
    out = root / "out.txt"
    with out.open("wb") as sink:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=repo, env=dict(environ), stdout=sink, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, timeout=SECONDS, check=False,
        )  # fmt: skip
    text = anonymous(out.read_text(errors="replace"), root)
    code = done.returncode
    return text.rstrip("\n").split("\n"), code if code >= 0 else 128 - code


def anonymous(text: str, root: Path) -> str:
    """Without the paths of this machine and the hosts of package indexes."""
    places = {
        str(root / "repo"): HOME,
        str(root / "_temp"): "/home/runner/work/_temp",
        str(root / "venv"): "/opt/hostedtoolcache/Python/3.11/x64",
        str(root / "home"): "/home/runner",
        str(root): "/tmp",  # noqa: S108  as a log shows it
        os.path.realpath(sys.base_prefix): "/opt/hostedtoolcache/Python/3.11/x64",
        str(Path.home()): "/home/runner",
    }
    for place, shown in places.items():
        text = text.replace(place, shown)
    return str(INDEXES.sub("index.example.com", text))


def wrap(scenario: Scenario, output: list[str], code: int) -> str:
    """The log as GitHub serves it."""
    script = scenario.script.strip().split("\n")
    rows = [f"##[group]Run {script[0]}", *(f"\x1b[36;1m{row}\x1b[0m" for row in script)]
    rows += ["shell: /usr/bin/bash --noprofile --norc -e -o pipefail {0}", "##[endgroup]"]
    rows += [str(COMMANDS.sub(r"##[\1]", row)) for row in output]
    rows += [f"##[error]Process completed with exit code {code}.", "Post job cleanup."]
    rows += ["Cleaning up orphan processes"]
    now, lines = START, []
    for row in rows:
        now += STEP
        lines.append(f"{now.isoformat(timespec='microseconds')}7Z {row}")
    return "\ufeff" + "\n".join(lines) + "\n"


def record(scenario: Scenario, root: Path, environ: Mapping[str, str]) -> None:
    """Run one scenario and write its log."""
    try:
        output, code = run(scenario, root, environ)
    except subprocess.TimeoutExpired:
        print(f"{scenario.rule}/{scenario.name} did not end", file=sys.stderr)
        return
    if not code:
        print(f"{scenario.rule}/{scenario.name} did not fail: {output[-5:]}", file=sys.stderr)
        return
    while len(text := wrap(scenario, output, code).encode()) > LARGEST:
        middle = len(output) // 2
        del output[middle - 5 : middle + 5]
    path = OUT / scenario.rule / f"{scenario.name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    print(f"{path.relative_to(OUT)}: {len(text)} bytes, exit code {code}")


def main() -> None:
    """Record the scenarios of the rules named on the command line, or all."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        root = Path(os.environ.get("RECORD_IN", place))  # noqa: TID251  to keep what was installed
        root.mkdir(exist_ok=True)
        with servers(root) as extra:
            environ = environment(root, extra)
            for scenario in SCENARIOS:
                names = {scenario.rule, f"{scenario.rule}/{scenario.name}"}
                if not wanted or names.intersection(wanted):
                    record(scenario, root, environ)


if __name__ == "__main__":
    main()
