"""Track, explain and reproduce flaky tests of GitHub Actions workflows."""

__version__ = "0.1.0"
