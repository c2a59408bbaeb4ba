"""Steps that fail on what they fetch and what they need: registries, services, package managers."""

# ruff: noqa: E501  a script stands on one line, as the log shows it
from __future__ import annotations

from tools.rule_scenarios import Scenario

_NPM = '{"name": "app", "version": "1.0.0", "private": true, %s}\n'
_GITHUB = "const { request } = require('@octokit/request');\nrequest('GET /repos/org/repo', { baseUrl: process.env.HUB + '/%s' }).then(console.log);\n"
_ARTIFACT = """\
const core = require('@actions/core');
const { DefaultArtifactClient } = require('@actions/artifact');
const claims = Buffer.from(JSON.stringify({ scp: 'Actions.Results:1:2' })).toString('base64url');
process.env.ACTIONS_RUNTIME_TOKEN = `e30.${claims}.x`;
process.env.ACTIONS_RESULTS_URL = process.env.HUB + '/';
%s.catch((error) => core.setFailed(error.message));
"""
_UPLOAD = "new DefaultArtifactClient().uploadArtifact('%s', ['main.js'], '.')"
_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>app</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.example</groupId>
      <artifactId>lib</artifactId>
      <version>9.9</version>
    </dependency>
  </dependencies>
</project>
"""
_MIRROR = "<settings><mirrors><mirror><id>mirror</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors></settings>"
_POETRY = """\
[project]
name = "app"
version = "1.0"
requires-python = ">=3.11"
dependencies = %s

[tool.poetry]
package-mode = false
"""
_REPO = """\
git init -q -b main . && git config user.email bot@example.com && git config user.name Bot
head -c 300000 /dev/urandom > a.bin && git add . && git commit -q -m one
"""

CONTAINERS = (
    Scenario("docker-rate-limit", "docker", 'docker pull "$REGISTRY/limited/app:1"'),
    Scenario(
        "docker-rate-limit", "podman", 'podman pull --tls-verify=false "$REGISTRY/limited/app:1"'
    ),
    Scenario("docker-denied", "docker", 'docker pull "$REGISTRY/denied/app:1"'),
    Scenario("docker-denied", "podman", 'podman pull --tls-verify=false "$REGISTRY/denied/app:1"'),
    Scenario("docker-missing-image", "docker", 'docker pull "$REGISTRY/missing/app:1"'),
    Scenario(
        "docker-missing-image", "podman", 'podman pull --tls-verify=false "$REGISTRY/missing/app:1"'
    ),
    Scenario("docker-layer", "digest", 'docker pull "$REGISTRY/layer/app:1"'),
    Scenario("docker-image", "unavailable", 'docker pull "$REGISTRY/broken/app:1"'),
    Scenario("docker-image", "refused", 'docker run --rm "$CLOSED/org/app:1" true'),
    Scenario(
        "docker-push",
        "denied",
        'echo hello > a.txt\ntar c a.txt | docker import - "$REGISTRY/denied/app:1"\ndocker push "$REGISTRY/denied/app:1"',
    ),
    Scenario(
        "buildkit-source",
        "refused",
        "DOCKER_BUILDKIT=1 docker build --progress plain --build-arg BASE=$CLOSED/org/base:1 .",
        {"Dockerfile": "ARG BASE\nFROM $BASE\n"},
    ),
    Scenario(
        "dockerfile",
        "instruction",
        "DOCKER_BUILDKIT=1 docker build --progress plain .",
        {"Dockerfile": "FROM scratch\nRUNN make\n"},
    ),
    Scenario(
        "dockerfile",
        "copy",
        "DOCKER_BUILDKIT=1 docker build --progress plain .",
        {"Dockerfile": "FROM scratch\nCOPY missing.txt /\n"},
    ),
    Scenario(
        "gpu-missing",
        "docker",
        "echo hello > a.txt\ntar c a.txt | docker import - app:1\ndocker run --rm --gpus all app:1 true",
    ),
    Scenario("deploy", "forbidden", 'kubectl --server="$HUB/status/403" get pods'),
    Scenario("deploy", "not-found", 'kubectl --server="$HUB/kubernetes" get pod worker'),
)

ACTIONS = (
    Scenario(
        "artifact-transfer",
        "forbidden",
        "node main.js",
        {"main.js": _ARTIFACT % (_UPLOAD % "report")},
    ),
    Scenario(
        "artifact-conflict", "taken", "node main.js", {"main.js": _ARTIFACT % (_UPLOAD % "taken")}
    ),
    Scenario(
        "artifact-missing",
        "none",
        "node main.js",
        {"main.js": _ARTIFACT % "new DefaultArtifactClient().getArtifact('report')"},
    ),
    Scenario(
        "action-input",
        "token",
        "node main.js",
        {
            "main.js": "const core = require('@actions/core');\ntry {\n  core.getInput('token', { required: true });\n} catch (error) {\n  core.setFailed(error.message);\n}\n"
        },
    ),
    Scenario(
        "toolchain-version",
        "executable",
        "node main.js",
        {
            "main.js": "const core = require('@actions/core');\nrequire('@actions/exec').exec('bazelisk', ['test']).catch((error) => core.setFailed(error));\n"
        },
    ),
    Scenario(
        "toolchain-version",
        "uv",
        "uv venv --offline --python 3.99",
    ),
    Scenario(
        "github-rate-limit", "octokit", "node main.js", {"main.js": _GITHUB % "github/limited"}
    ),
    Scenario(
        "github-permission", "octokit", "node main.js", {"main.js": _GITHUB % "github/denied"}
    ),
    Scenario(
        "github-permission",
        "credentials",
        "python main.py",
        {
            "main.py": "import os\nfrom github import Auth, Github\nclient = Github(auth=Auth.Token('x'), base_url=os.environ['HUB'] + '/github/credentials', retry=None)\nclient.get_repo('org/repo')\n"
        },
    ),
    Scenario("credentials", "s3", "aws s3 cp s3://models/tiny.tar ."),
    Scenario(
        "credentials",
        "boto3",
        "python -c \"import boto3; boto3.client('s3', region_name='eu-west-1').list_buckets()\"",
    ),
    Scenario(
        "object-store",
        "denied",
        'export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=eu-west-1 AWS_MAX_ATTEMPTS=1\necho one > a.tar\naws --endpoint-url "$HUB/status/403" s3 cp a.tar s3://models/a.tar',
    ),
    Scenario(
        "object-store",
        "head",
        'export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=eu-west-1 AWS_MAX_ATTEMPTS=1\naws --endpoint-url "$HUB/status/404" s3 cp s3://models/a.tar .',
    ),
    Scenario(
        "package-publish",
        "twine",
        'pip wheel -q --no-index --no-build-isolation --no-deps ./alpha -w dist\ntwine upload --disable-progress-bar --repository-url "$HUB/status/403/legacy/" -u bot -p x dist/*',
        {
            "alpha/pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "alpha"\nversion = "1.0"\n',
            "alpha/alpha.py": "",
        },
    ),
    Scenario(
        "package-publish",
        "npm",
        'echo "//${HUB#http://}/status/409/:_authToken=x" > .npmrc\nnpm publish --registry "$HUB/status/409/"',
        {"package.json": '{"name": "app", "version": "1.0.0"}\n', "index.js": ""},
    ),
)

SERVERS = (
    Scenario(
        "coverage-upload",
        "codecov",
        'codecovcli --enterprise-url "$HUB/status/400" create-commit -Z -t x --sha 4d7a214614ab2935c943f9e0ff69d22eadbb8f32 --slug org/repo --git-service github',
    ),
    Scenario(
        "git-transfer",
        "greeting",
        "printf '#!/bin/sh\\necho Welcome to the build host' > ssh.sh && chmod +x ssh.sh\nGIT_SSH_VARIANT=simple GIT_SSH=$PWD/ssh.sh git clone ssh://git.example.com/org/repo.git",
    ),
    Scenario(
        "git-lfs",
        "unavailable",
        f'{_REPO}git remote add origin .\ngit config lfs.url "$HUB/status/404"\ngit config lfs.transfer.maxretries 1\ngit lfs install --local --skip-repo\ngit lfs fetch origin main',
        {
            "a.bin": "",
            ".gitattributes": "model.bin filter=lfs diff=lfs merge=lfs -text\n",
            "model.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
        },
    ),
    Scenario("proxy", "curl", 'curl -sS --proxy "$HUB" https://files.invalid/a.tgz -o a.tgz'),
    Scenario(
        "proxy",
        "requests",
        'HTTPS_PROXY="$HUB" python -c "import requests; requests.get(\'https://files.invalid/\')"',
    ),
    Scenario(
        "grpc-deadline",
        "no-server",
        "python main.py",
        {
            "main.py": "import os, grpc\nchannel = grpc.insecure_channel(os.environ['CLOSED'])\ncall = channel.unary_unary('/frontend/Ready', bytes, bytes)\ncall(b'', timeout=1, wait_for_ready=True)\n"
        },
    ),
    Scenario(
        "etcd",
        "no-quorum",
        "sh cluster.sh a 4379 & sh cluster.sh b 4389 & sleep 4\nexport ETCDCTL_API=3 ETCDCTL_ENDPOINTS=http://127.0.0.1:4379\netcdctl put workers/1 ready\nkill $(cat b.pid)\netcdctl --command-timeout=20s put workers/2 ready || code=$?\nkill $(cat a.pid)\nexit $code",
        {
            "cluster.sh": "echo $$ > $1.pid\nexec etcd --data-dir $1 --name $1 --listen-client-urls http://127.0.0.1:$2 --advertise-client-urls http://127.0.0.1:$2 --listen-peer-urls http://127.0.0.1:$(($2 + 1)) --initial-advertise-peer-urls http://127.0.0.1:$(($2 + 1)) --initial-cluster a=http://127.0.0.1:4380,b=http://127.0.0.1:4390 > $1.log 2>&1\n"
        },
    ),
    Scenario(
        "nixl-peer",
        "ucx",
        'UCX_TLS=tcp UCX_LOG_FILE= timeout 20 ucx_perftest "127.0.0.1" -t tag_lat -p "${CLOSED#*:}"',
    ),
    Scenario(
        "database",
        "postgres",
        'psql "host=127.0.0.1 port=${CLOSED#*:} user=app dbname=app" -c "select 1"',
    ),
    Scenario(
        "net-connection",
        "aiohttp",
        "python main.py",
        {
            "main.py": "import asyncio, os, aiohttp\n\n\nasync def main():\n    async with aiohttp.ClientSession() as session:\n        await session.get('http://' + os.environ['CLOSED'])\n\n\nasyncio.run(main())\n"
        },
    ),
    Scenario(
        "net-connection",
        "httpx",
        "python -c \"import httpx; httpx.get('$HUB/drop/')\"",
    ),
    Scenario("net-connection", "fetch", "node -e \"fetch('http://$CLOSED/')\""),
    Scenario(
        "net-connection",
        "go",
        "go run .",
        {
            "go.mod": "module example.com/app\n\ngo 1.19\n",
            "main.go": 'package main\n\nimport (\n\t"log"\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n\tif _, err := http.Get("http://" + os.Getenv("CLOSED")); err != nil {\n\t\tlog.Fatal(err)\n\t}\n}\n',
        },
    ),
    Scenario(
        "net-timeout",
        "httpx",
        "python -c \"import httpx; httpx.get('$HUB/slow/200', timeout=1)\"",
    ),
    Scenario(
        "net-timeout",
        "go",
        "go run .",
        {
            "go.mod": "module example.com/app\n\ngo 1.19\n",
            "main.go": 'package main\n\nimport (\n\t"log"\n\t"net/http"\n\t"os"\n\t"time"\n)\n\nfunc main() {\n\tclient := http.Client{Timeout: time.Second}\n\tif _, err := client.Get(os.Getenv("HUB") + "/slow/200"); err != nil {\n\t\tlog.Fatal(err)\n\t}\n}\n',
        },
    ),
    Scenario("certificate", "node", "node -e \"fetch('$TLS/status/200')\""),
    Scenario(
        "port-in-use",
        "go",
        "go run .",
        {
            "go.mod": "module example.com/app\n\ngo 1.19\n",
            "main.go": 'package main\n\nimport (\n\t"log"\n\t"net"\n)\n\nfunc main() {\n\tfirst, _ := net.Listen("tcp", "127.0.0.1:0")\n\tif _, err := net.Listen("tcp", first.Addr().String()); err != nil {\n\t\tlog.Fatal(err)\n\t}\n}\n',
        },
    ),
    Scenario(
        "port-in-use",
        "rust",
        "rustc main.rs\n./main",
        {
            "main.rs": 'use std::net::TcpListener;\nfn main() {\n    let first = TcpListener::bind("127.0.0.1:0").unwrap();\n    TcpListener::bind(first.local_addr().unwrap()).unwrap();\n}\n'
        },
    ),
    Scenario(
        "server-not-ready",
        "script",
        "python main.py",
        {
            "main.py": "import os, time, urllib.error, urllib.request\n\nend = time.monotonic() + 2\nwhile True:\n    try:\n        urllib.request.urlopen(os.environ['HUB'] + '/status/404')\n    except urllib.error.URLError:\n        if time.monotonic() > end:\n            raise TimeoutError('Timed out waiting for the frontend to become ready') from None\n    time.sleep(0.5)\n"
        },
    ),
)

PACKAGES = (
    Scenario(
        "pip-externally-managed",
        "system",
        "python -m venv system && touch $(system/bin/python -c 'import sysconfig; print(sysconfig.get_path(\"stdlib\"))')/EXTERNALLY-MANAGED 2>/dev/null || true\n/usr/bin/python3 -m pip install requests",
    ),
    Scenario(
        "poetry",
        "lock",
        "poetry lock -q\nsed -i 's/\\[\\]/[\"alpha==1.0\"]/' pyproject.toml\npoetry install",
        {"pyproject.toml": _POETRY % "[]"},
    ),
    Scenario(
        "poetry",
        "conflict",
        "poetry lock",
        {
            "pyproject.toml": _POETRY % "[]"
            + '\n[tool.poetry.dependencies]\nalpha = {path = "alpha"}\nbeta = {path = "beta"}\n',
            "alpha/pyproject.toml": '[project]\nname = "alpha"\nversion = "1.0"\nrequires-python = ">=3.11"\n',
            "beta/pyproject.toml": '[project]\nname = "beta"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["alpha==2.0"]\n',
        },
    ),
    Scenario(
        "js-install",
        "pnpm",
        "pnpm install --frozen-lockfile",
        {
            "package.json": _NPM % '"dependencies": {"x": "file:x"}',
            "x/package.json": _NPM % '"main": "x.js"',
            "pnpm-lock.yaml": "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n",
        },
    ),
    Scenario(
        "js-install",
        "yarn",
        "yarn install --frozen-lockfile --offline",
        {
            "package.json": _NPM % '"dependencies": {"left-pad": "^1.3.0"}',
            "yarn.lock": "# yarn lockfile v1\n",
        },
    ),
    Scenario(
        "js-install",
        "yarn-missing",
        'yarn add --registry "$HUB/status/404" left-pad-missing',
        {"package.json": _NPM % '"main": "x.js"'},
    ),
    Scenario(
        "apt-broken",
        "dependencies",
        "mkdir -p alpha/DEBIAN && mv control alpha/DEBIAN/\ndpkg-deb --build alpha\napt-get install -y --no-download ./alpha.deb",
        {
            "control": "Package: alpha\nVersion: 1.0\nArchitecture: all\nMaintainer: Bot <bot@example.com>\nDepends: libdynamo-missing\nDescription: alpha\n"
        },
    ),
    Scenario(
        "apt-install",
        "unavailable",
        'mkdir -p lists/partial cache/archives/partial repo && mv Packages repo/\necho "deb [trusted=yes] file:$PWD/repo ./" > sources.list\ncat > apt.conf <<END\nDir::Etc::sourcelist "$PWD/sources.list";\nDir::Etc::sourceparts "-";\nDir::State::lists "$PWD/lists";\nDir::Cache "$PWD/cache";\nEND\nexport APT_CONFIG=$PWD/apt.conf\napt-get update\napt-get install -y alpha',
        {
            "Packages": "Package: alpha\nVersion: 1.0\nArchitecture: all\nMaintainer: Bot <bot@example.com>\nFilename: ./alpha.deb\nSize: 300\nSHA256: 4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nDescription: alpha\n"
        },
    ),
    Scenario(
        "rpm-packages",
        "refused",
        'dnf -y --nogpgcheck --setopt=reposdir=/nothing --setopt=cachedir="$PWD/cache" --repofrompath="base,http://$CLOSED" --setopt=retries=1 --setopt=base.skip_if_unavailable=0 install alpha',
    ),
    Scenario(
        "jvm-dependencies",
        "maven",
        'sed "s|URL|http://$CLOSED|" settings.in > settings.xml\nmvn -q -B -s settings.xml -Dmaven.repo.local="$PWD/repository" compile',
        {"pom.xml": _POM, "settings.in": _MIRROR % "URL"},
    ),
    Scenario(
        "jvm-dependencies",
        "gradle",
        "gradle -q --offline --no-daemon compileJava",
        {
            "settings.gradle": 'rootProject.name = "app"\n',
            "build.gradle": "plugins { id 'java' }\nrepositories { maven { url = uri('repository') } }\ndependencies { implementation 'com.example:lib:9.9' }\n",
            "src/main/java/Main.java": "class Main {}\n",
        },
    ),
    Scenario(
        "build-daemon-gone",
        "gradle",
        "gradle --offline halt",
        {
            "settings.gradle": 'rootProject.name = "app"\n',
            "build.gradle": "task halt { doLast { Runtime.runtime.halt(1) } }\n",
        },
    ),
    Scenario("rust-toolchain", "missing", "RUSTUP_AUTO_INSTALL=0 cargo +1.20.0 build"),
    Scenario(
        "rust-toolchain",
        "refused",
        'RUSTUP_DIST_SERVER="http://$CLOSED" RUSTUP_MAX_RETRIES=0 rustup toolchain install 1.20.0 --profile minimal',
    ),
    Scenario(
        "protoc-missing",
        "plugin",
        "python -m grpc_tools.protoc -I. --dynamo_out=. a.proto",
        {"a.proto": 'syntax = "proto3";\nmessage A {}\n'},
    ),
    Scenario(
        "php-packages",
        "unresolvable",
        "composer install --no-interaction",
        {
            "composer.json": '{"name": "org/app", "repositories": [{"packagist": false}], "require": {"php": ">=99"}}\n'
        },
    ),
    Scenario(
        "ruby-gems",
        "missing",
        "bundle install --local",
        {"Gemfile": 'source "https://gems.invalid"\ngem "rails", "= 9.9"\n'},
    ),
    Scenario(
        "ruby-gems",
        "extension",
        "gem build -q a.gemspec\ngem install --local --user-install a-1.0.gem",
        {
            "a.gemspec": "Gem::Specification.new do |s|\n  s.name = 'a'\n  s.version = '1.0'\n  s.summary = 'a'\n  s.authors = ['Bot']\n  s.files = ['ext/extconf.rb']\n  s.extensions = ['ext/extconf.rb']\nend\n",
            "ext/extconf.rb": "abort 'libdynamo is missing'\n",
        },
    ),
    Scenario(
        "browser-missing",
        "playwright",
        "node main.js",
        {
            "main.js": "require('playwright').chromium.launch().then((browser) => browser.close());\n"
        },
    ),
    Scenario(
        "license-audit",
        "npm",
        'npm audit --audit-level high --registry "$HUB/advisories/"',
        {
            "package.json": _NPM % '"dependencies": {"left-pad": "1.0.0"}',
            "package-lock.json": '{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "app", "version": "1.0.0", "dependencies": {"left-pad": "1.0.0"}}, "node_modules/left-pad": {"version": "1.0.0"}}}\n',
        },
    ),
    Scenario(
        "certificate",
        "go",
        'export GOPROXY="$TLS" GONOSUMDB=* GOFLAGS=-mod=mod\ngo get example.com/lib@v1.0.0',
        {
            "go.mod": "module example.com/app\n\ngo 1.19\n",
            "main.go": "package main\n\nfunc main() {}\n",
        },
    ),
    Scenario(
        "uv-fetch",
        "certificate",
        'UV_HTTP_RETRIES=0 uv pip install --python "$(which python)" --index-url "$TLS/simple" dynamo-runtime',
    ),
)

SCENARIOS = (*CONTAINERS, *ACTIONS, *SERVERS, *PACKAGES)
