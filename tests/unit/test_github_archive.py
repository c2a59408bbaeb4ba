"""Which member of the log archive is which job's."""

from __future__ import annotations

from zipfile import ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.forges.github_archive import match
from flakebot.forges.github_junit import Artifact, choose
from flakebot.github_objects import Job


def pairs(members: list[str], names: list[str]) -> dict[str, str]:
    """Job names, with their place where they come twice, to the members found for them."""
    jobs = [Job(id=number, name=name) for number, name in enumerate(names)]
    found = match([ZipInfo(member) for member in members], jobs)
    return {f"{names[number]}@{number}": info.filename for number, info in found.items()}


@pytest.mark.parametrize(
    ("members", "names", "expected"),
    [
        (["0_build.txt", "build/1_Set up job.txt"], ["build"], {"build@0": "0_build.txt"}),
        (["3_a  b (x).txt"], ["a / b (x)"], {"a / b (x)@0": "3_a  b (x).txt"}),
        (["-9999999999_build.txt"], ["build"], {"build@0": "-9999999999_build.txt"}),
        (["10_a.txt", "9_a.txt"], ["a", "a"], {"a@0": "9_a.txt", "a@1": "10_a.txt"}),
        (["0_a b.txt", "1_a-b.txt"], ["a-b", "a b"], {"a-b@0": "1_a-b.txt", "a b@1": "0_a b.txt"}),
        (["0_a b.txt"], ["a-b", "a b"], {"a b@1": "0_a b.txt"}),
        (["0_a_b.txt"], ["a?b", "c"], {"a?b@0": "0_a_b.txt"}),
        (["0_a.txt"], ["a", "a"], {}),
        (["0_a.txt", "1_a.txt"], ["a"], {}),
        (["x_a.txt", "a.txt", "0_a.log", "0a.txt", "_a.txt"], ["a"], {}),
        ([f"0_{'x' * 90}.txt"], ["x" * 120], {f"{'x' * 120}@0": f"0_{'x' * 90}.txt"}),
        ([f"0_{'x' * 89}.txt"], ["x" * 89 + "𝄞"], {f"{'x' * 89}𝄞@0": f"0_{'x' * 89}.txt"}),
        ([], ["a"], {}),
    ],
)
def test_member_belongs_to_the_job_of_its_name(
    members: list[str], names: list[str], expected: dict[str, str]
) -> None:
    """By letters and digits; namesakes by their order, and not at all when the counts differ."""
    assert pairs(members, names) == expected


@given(st.lists(st.text(alphabet="ab1 /:-", min_size=1, max_size=8), max_size=8))
def test_every_job_finds_its_own_log(names: list[str]) -> None:
    """An archive made the way GitHub makes it gives every job the member of its own place."""
    members = [f"{n}_{name.replace('/', '').replace(':', '')}.txt" for n, name in enumerate(names)]
    expected = {f"{name}@{n}": members[n] for n, name in enumerate(names)}
    assert pairs(members, names) == expected


@pytest.mark.parametrize(
    ("given_names", "wanted", "expected"),
    [
        (
            ["wheel", "test-results", "allure-test", "coverage-report", "JUnit"],
            [],
            ["test-results", "JUnit"],
        ),
        (["test-a", "test-b", "test-c"], ["C", "b"], ["test-c", "test-b", "test-a"]),
        (["test-1", "test-gpu (2)"], ["", "gpu-2"], ["test-gpu (2)", "test-1"]),
    ],
)
def test_artifacts_are_chosen_by_name(
    given_names: list[str], wanted: list[str], expected: list[str]
) -> None:
    """Those that look like test results, the ones that name a wanted job first."""
    artifacts = [Artifact(id=n, name=name) for n, name in enumerate(given_names)]
    assert [artifact.name for artifact in choose(artifacts, wanted)] == expected
