"""The steps that the jobs of the sample really run. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

PYTEST = """\
PYTEST_CMD='{command} --junitxml=pytest_test_report.xml -m "{marks}"'
echo "▶️ Executing (cwd=$PWD): ${{PYTEST_CMD}}"
FAILED_TESTS=0
set +e
eval "${{PYTEST_CMD}}"
TEST_EXIT_CODE=$?
set -e
echo "🧪 Tests completed with exit code: ${{TEST_EXIT_CODE}}"
if [[ ! -f pytest_test_report.xml ]]; then
  echo "⚠️  JUnit XML file not found"
fi
exit ${{TEST_EXIT_CODE}}"""

COMMON = "--continue-on-collection-errors -v --tb=short --durations=10"
PARALLEL = f"pytest -n 8 --dist=loadscope {COMMON}"
SEQUENTIAL = f"pytest {COMMON}"
RETRIED = f"pytest --reruns 2 --reruns-delay 1 {COMMON}"

CARGO = "--manifest-path lib/runtime/Cargo.toml"

AGGREGATE = """\
echo '{needs}' | python3 -c '
import json, sys
needs = json.load(sys.stdin)
print(json.dumps(needs, indent=2))
sys.exit(any(need["result"] in {{"failure", "cancelled"}} for need in needs.values()))'"""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A step: its name, its script, and what a runner shows of its environment.

    `suite` names the uploaded report, empty for none; `hosted` says that GitHub's own runner does
    it; `reused` that one recording serves all jobs, since nothing in it differs.
    """

    step: str
    script: str
    environment: tuple[str, ...] = ("CI: true",)
    suite: str = ""
    labels: tuple[str, ...] = ("ubuntu-latest",)
    hosted: bool = True
    reused: bool = True


def _tests(step: str, command: str, marks: str, suite: str, runner: str, *env: str) -> Recipe:
    return Recipe(
        step=step,
        script=PYTEST.format(command=command, marks=marks),
        environment=("CI: true", "PYTHONUNBUFFERED: 1", *env),
        suite=suite,
        labels=(runner,),
        hosted=False,
        reused=False,
    )


def _command(step: str, script: str) -> Recipe:
    return Recipe(step=step, script=script)


MOCKED = "pre_merge and parallel and not (vllm or sglang or trtllm) and (gpu_0 or gpu_1)"

RECIPES = {
    "parallel": _tests(
        "Run CPU-only tests (parallelized)",
        PARALLEL,
        MOCKED,
        "dynamo-parallel-amd64",
        "prod-tester-amd-v2",
    ),
    "parallel-arm": _tests(
        "Run CPU-only tests (parallelized)",
        PARALLEL,
        MOCKED,
        "dynamo-parallel-arm64",
        "prod-tester-arm-v2",
    ),
    "isolated": _tests(
        "Run CPU end-to-end tests (isolated)",
        RETRIED,
        "pre_merge and e2e and gpu_0",
        "dynamo-e2e-amd64",
        "prod-tester-amd-v2",
    ),
    "vllm": _tests(
        "Run GPU tests (sequential)",
        SEQUENTIAL,
        "pre_merge and vllm and (gpu_1 or gpu_2)",
        "vllm-sequential-amd64",
        "prod-tester-amd-gpu-2-v2",
        "HF_HOME: /root/.cache/huggingface",
    ),
    "vllm-one-gpu": _tests(
        "Run GPU tests (sequential)",
        SEQUENTIAL,
        "pre_merge and vllm and gpu_1",
        "vllm-sequential-amd64",
        "prod-tester-amd-gpu-v2",
        "HF_HOME: /root/.cache/huggingface",
    ),
    "vllm-offline": _tests(
        "Run GPU tests (sequential)",
        SEQUENTIAL,
        "pre_merge and vllm and gpu_1",
        "vllm-sequential-amd64",
        "prod-tester-amd-gpu-v2",
        "HF_HOME: /root/.cache/huggingface",
        "HF_HUB_OFFLINE: 1",
    ),
    "sglang": _tests(
        "Run GPU tests (sequential)",
        SEQUENTIAL,
        "pre_merge and sglang and gpu_1",
        "sglang-sequential-amd64",
        "prod-tester-amd-gpu-v2",
    ),
    "trtllm": _tests(
        "Run GPU tests (sequential)",
        SEQUENTIAL,
        "pre_merge and trtllm and gpu_1",
        "trtllm-sequential-amd64",
        "prod-tester-amd-gpu-v2",
    ),
    "lint": _command("Lint the Python components", "ruff check --isolated components"),
    "format": _command("Check the format", "ruff format --isolated --check components"),
    "compile": _command("Compile the Python sources", "python3 -m compileall -q tests components"),
    "rust-test": _command("Run the tests of the crate", f"cargo test {CARGO}"),
    "rust-build": _command("Build the runtime", f"cargo build --release {CARGO}"),
    "clippy": _command("Run clippy", f"cargo clippy {CARGO} --all-targets -- -D warnings"),
    "rust-fmt": _command("Check the format", f"cargo fmt {CARGO} --check -- -v"),
}
