"""Record the logs that the scenario tests are composed of, by really running the toy suite.

`python -m tools.scenario_logs` writes `tests/scenarios/logs/NAME.log`: what a step printed, in
GitHub's envelope, and `NAME.xml` when it wrote a JUnit file. Run times and the ids that the suite
draws differ from recording to recording, so the expected files of the scenarios are blessed anew
afterwards.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tools.sample_run import envelope
from tools.sample_run.recording import REPORT, Recording, Studio, Take

LOGS = Path(__file__).parents[1] / "tests" / "scenarios" / "logs"
START = datetime(2026, 2, 2, 9, tzinfo=UTC)
SHA = "4f1c2d0b9e7a6c5d3b2a1908f7e6d5c4b3a29180"

ROUTER = "tests/router/test_router_e2e_with_mockers.py"
CANCELLATION = "tests/fault_tolerance/test_request_cancellation.py"
MANY = "pytest -v --tb=short tests/router tests/mocker tests/fault_tolerance"
SERVING = "pytest -v --tb=short -m gpu_1 tests/serve/test_vllm.py"
WHOLE_JOB = f"""\
sed -i 's/workers\\[:1\\]/workers[:2]/' tests/router/common.py
pytest -v --tb=short tests/router/test_router_block_size.py {ROUTER}"""
SERVE = "tests/serve/test_vllm.py"
MODELS = "from huggingface_hub import HfApi; HfApi().model_info('Qwen/Qwen3-0.6B')"
NONE = ("none",)
UPLOAD_REFUSED = "upload-refused"
SILENCE_MINUTES = 58


def serving(backend: str, tests: int, answer: str) -> Take:
    """So many tests of a back end, which all need the one model."""
    few = f"ONE_GPU = [f'{backend}-{{n}}' for n in range({tests})]"
    file = f"tests/serve/test_{backend}.py"
    script = f"""\
sed "s/^ONE_GPU = .*/{few}/" {SERVE} > serve.py
mv serve.py {file}
pytest -v --tb=short -m gpu_1 {file}"""
    return Take(script=script, answers=(answer,))


TAKES = {
    "passed": Take(script=f"pytest -v {ROUTER} {CANCELLATION}", faults=NONE),
    "passed-many": Take(script=MANY, faults=NONE),
    "passed-serving": Take(script=SERVING),
    "prefix-split": Take(script=f"pytest -v {ROUTER} {CANCELLATION}", faults=("prefix-split",)),
    "bindings-split": Take(
        script="sed -i 's/send(len(request_plane))/send(3, fault=\"split\")/'"
        f" {ROUTER}\npytest -v {ROUTER} {CANCELLATION}",
        faults=("split",),
    ),
    "two-failures": Take(
        script=f"pytest -v {ROUTER} {CANCELLATION}", faults=("prefix-split", "indexer-behind")
    ),
    "many-failures": Take(
        script=MANY,
        faults=("prefix-split", "indexer-behind", "trace-format", "two-ranks-tcp"),
    ),
    "rerun": Take(
        script=f"pytest -v --reruns 1 {ROUTER} {CANCELLATION}", faults=("cancellation-late",)
    ),
    "sigabrt": Take(script=f"pytest -v -n 2 {ROUTER}", faults=("sigabrt-once",)),
    "hugging-face": Take(script=SERVING, answers=("429",)),
    "hugging-face-gone": Take(script=SERVING, answers=("404",)),
    "hugging-face-gated": Take(script=SERVING, answers=("403-gated",)),
    "hugging-face-token": Take(script=SERVING, answers=("401-credentials",)),
    "hugging-face-revision": Take(script=SERVING, answers=("404-revision",)),
    "hugging-face-typo": Take(
        script=SERVING,
        answers=("404-repository",),
        env=(("DYNAMO_TEST_MODEL", "Qwen/Qwen-3-0.6B"),),
    ),
    "hugging-face-offline": Take(script=SERVING, env=(("HF_HUB_OFFLINE", "1"),)),
    "hugging-face-api": Take(script=f'python -c "{MODELS}"', answers=("429-seconds",)),
    "serve-vllm-limited": serving("vllm", 24, "429-sentence"),
    "serve-sglang-down": serving("sglang", 20, "503"),
    "serve-trtllm-silent": serving("trtllm", 14, "hang"),
    "serve-vllm": serving("vllm", 24, "ok"),
    "serve-sglang": serving("sglang", 20, "ok"),
    "serve-trtllm": serving("trtllm", 14, "ok"),
    "whole-job": Take(script=WHOLE_JOB, faults=NONE),
    "disk-full": Take(script="echo 'writing the layer cache'\necho x > /dev/full"),
    "hang": Take(
        script="pytest -v --timeout-method=thread tests/router/test_router_e2e_with_sglang.py",
        faults=("worker-never-ends",),
        killed_after="Timeout",
    ),
    UPLOAD_REFUSED: Take(script=f"pytest -v {ROUTER} {CANCELLATION}", faults=NONE),
    "told-by-junit": Take(
        script=f"pytest -q --junitxml={REPORT} {ROUTER} {CANCELLATION} > pytest.log",
        faults=("prefix-split",),
    ),
    "worker-replaced": Take(
        script=f"pytest -v -n 2 --dist=loadscope --junitxml={REPORT} {ROUTER}",
        faults=("sigabrt-once",),
    ),
    "nothing-said": Take(script="echo 'checking that every job has passed'\nexit 1"),
}
"""What each log shows; a story names it."""


def main() -> None:
    """Record all logs, or those that are named."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        studio.install()
        for number, name in enumerate(TAKES):
            if name in (sys.argv[1:] or TAKES):
                recording = studio.record(TAKES[name])
                (LOGS / f"{name}.log").write_text(wrap(recording, name, number))
                if recording.junit:
                    (LOGS / f"{name}.xml").write_text(recording.junit)
                print(name)
    (LOGS / "cut-off.log").write_text(cut_off())


def wrap(recording: Recording, name: str, seed: int) -> str:
    """One take in the envelope of a job with a single step of its own."""
    take = TAKES[name]
    log = envelope.Log(START, seed)
    envelope.set_up(log, job=name, runner="runner-1", hosted=True)
    envelope.check_out(log, sha=SHA, ref="main")
    log.step("Run tests", 3)
    envelope.script(log, take.script, ["CI: true"])
    log.printed(recording.lines)
    if take.killed_after:
        log.pause(SILENCE_MINUTES * 60)
        log.line("##[error]The operation was canceled.")
    elif recording.exit_code:
        log.line(f"##[error]Process completed with exit code {recording.exit_code}.")
    if name == UPLOAD_REFUSED:
        envelope.upload_refused(log, number=4, artifact="allure-results")
    envelope.clean_up(log, number=5)
    return log.text


def cut_off() -> str:
    """The recorded log of a pass, cancelled half-way by a newer push."""
    lines = (LOGS / "passed.log").read_text().splitlines(keepends=True)
    half = next(n for n, line in enumerate(lines) if "[ 50%]" in line)
    moment = lines[half].partition(" ")[0]
    return "".join([*lines[:half], f"{moment} ##[error]The operation was canceled.\n"])


if __name__ == "__main__":
    main()
