"""GitHub's rules for `CODEOWNERS`; the examples are those of its documentation."""

from __future__ import annotations

import pytest

from flakebot.views import codeowners

DOCUMENTED = r"""
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""

RULES = codeowners.parse(DOCUMENTED)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("main.c", ("@global-owner1", "@global-owner2")),
        ("deep/in/it.js", ("@js-owner",)),
        ("x.go", ("docs@example.com",)),
        ("a.txt", ("@octo-org/octocats",)),
        ("build/logs/x/y.log", ("@octocat",)),
        ("deep/docs/getting.md", ("@global-owner1", "@global-owner2")),
        ("docs/getting.md", ("@doctocat",)),
        ("other/apps/x.c", ("@octocat",)),
        ("scripts/deep/x.sh", ("@doctocat", "@octocat")),
        ("deep/logs/now.c", ("@octocat",)),
        ("apps/github/x.c", ()),
        ("apps/github", ()),
        ("apps/gitlab/x.c", ("@octocat",)),
    ],
)
def test_documented_examples(path: str, expected: tuple[str, ...]) -> None:
    """The last matching line wins, and one without owners takes ownership away."""
    assert expected == codeowners.owners(RULES, path)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/build/a.md", False),
        ("docs", "docs/build/a.md", True),
        ("docs", "x/docs/build/a.md", True),
        ("/docs", "x/docs/a.md", False),
        ("x/docs", "y/x/docs", False),
        ("tests/**", "tests/a/b.py", True),
        ("tests/**/b.py", "tests/b.py", True),
        ("tests/**/b.py", "tests/x/y/b.py", True),
        ("test_?.py", "a/test_x.py", True),
        ("test_?.py", "test_xy.py", False),
        ("*.py", "x.pyc", False),
        ("a.b", "aXb", False),
        (r"with\ space.py", "with space.py", True),
        ("Tests/", "tests/a.py", False),
        ("tests/", "tests", False),
    ],
)
def test_patterns(pattern: str, path: str, matches: bool) -> None:  # noqa: FBT001  # a table
    """A slash ties to the root, a star stops at one, two stars do not."""
    found = codeowners.owners(codeowners.parse(f"{pattern} @me"), path)
    assert (("@me",) if matches else ()) == found


@pytest.mark.parametrize(
    "line", ["!x @me", "[ab].py @me", r"\#x @me", "/ @me", "", "  # x", f"{'x' * 501} @me"]
)
def test_lines_that_github_ignores(line: str) -> None:
    """Negation, character ranges, comments and nonsense are skipped."""
    assert codeowners.parse(line) == ()


def test_what_is_no_owner_is_dropped() -> None:
    """A word without an at-sign names nobody."""
    assert codeowners.owners(codeowners.parse("* me @me"), "x") == ("@me",)


def test_a_large_file_is_read() -> None:
    """A file of 100 KB answers for its first line too, which is the last looked at."""
    text = "first/ @first\n" + "".join(f"/packages/p{i}/**/src/*.py @o{i}\n" for i in range(3000))
    rules = codeowners.parse(text)
    assert len(text) > 100_000
    assert codeowners.owners(rules, "first/x.py") == ("@first",)
