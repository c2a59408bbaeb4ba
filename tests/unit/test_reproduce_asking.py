"""The options of `flakebot reproduce`, read into values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flakebot.errors import InputError
from flakebot.reproduction import asking
from flakebot.reproduction.iterations import Level, Shard, Variant
from flakebot.secrets_mask import mask


def test_levels_stand_in_the_order_given() -> None:
    """Each once, with what holds for all of them."""
    found = asking.levels("32, serial,32", load=4, random_order=True)
    assert found == (
        Level(processes=32, load=4, random_order=True),
        Level(load=4, random_order=True),
    )


def test_without_variants_there_are_the_tests_as_they_are() -> None:
    """And with variants they are the first."""
    assert asking.variants([]) == (Variant(),)
    forked = Variant(name="forked", arguments=("--forked", "-k", "a b"))
    assert asking.variants(["forked=--forked -k 'a b'"]) == (Variant(), forked)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", Shard()), ("1/1", Shard()), ("3/10", Shard(index=3, count=10))],
)
def test_a_shard_is_a_part_of_a_whole(text: str, expected: Shard) -> None:
    """Nothing is the whole."""
    assert asking.shard(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0.0), ("95%", 0.95), ("0.95", 0.95), (" 5 %", 0.05)]
)
def test_a_share_is_written_either_way(text: str, expected: float) -> None:
    """As per cent or as a fraction."""
    assert asking.share(text, "--until") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given", "tests", "arguments"),
    [
        (["a.py", "b.py"], ("a.py", "b.py"), ()),
        (["a.py", "-k", "x"], ("a.py",), ("-k", "x")),
        (["--lf"], (), ("--lf",)),
    ],
)
def test_tests_stand_before_the_first_option(
    given: list[str], tests: tuple[str, ...], arguments: tuple[str, ...]
) -> None:
    """The rest goes to pytest as it is."""
    assert asking.tests_and_arguments(given) == (tests, arguments)


def test_a_variable_is_passed_on_or_set() -> None:
    """A value may hold an equals sign."""
    assert asking.environment(["HF_TOKEN", "A=b=c"]) == {"HF_TOKEN": None, "A": "b=c"}


def test_of_a_variable_that_is_set_a_secret_is_not_printed() -> None:
    """By its value or by its name, however short; one that is passed on is there already."""
    texts = ["HOME", "DEBUG=1", f"X=hf_{'x' * 34}", "DB_PASSWORD=hunter", "API_TOKEN=abc", "EMPTY="]
    found = asking.assigned(asking.environment(texts), mask)
    assert found == {
        "DEBUG": "1",
        "X": None,
        "DB_PASSWORD": None,
        "API_TOKEN": None,
        "EMPTY": "",
    }


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: asking.levels("serial,many", load=0, random_order=False), "'many'"),
        (lambda: asking.levels("0", load=0, random_order=False), "'0'"),
        (lambda: asking.levels("99999999", load=0, random_order=False), "'99999999'"),
        (lambda: asking.levels("2000", load=0, random_order=False), "'2000'"),
        (lambda: asking.shard("4/3"), "'4/3'"),
        (lambda: asking.shard("0/3"), "'0/3'"),
        (lambda: asking.shard("a/3"), "'a/3'"),
        (lambda: asking.shard("3"), "'3'"),
        (lambda: asking.variants(["--forked"]), "'--forked'"),
        (lambda: asking.variants(["=--forked"]), "'=--forked'"),
        (lambda: asking.variants(["a b=--forked"]), "'a b=--forked'"),
        (lambda: asking.variants([f"{'v' * 101}=-q"]), "with at most 100 letters"),
        (lambda: asking.variants(["a=1", "a=2"]), "'a' is given twice"),
        (lambda: asking.variants(["a='"]), "No closing quotation"),
        (lambda: asking.share("0%", "--until"), "'0%'"),
        (lambda: asking.share("100%", "--until"), "'100%'"),
        (lambda: asking.share("nan", "--until"), "--until: 'nan'"),
        (lambda: asking.share("much", "--expect-rate"), "--expect-rate"),
        (lambda: asking.environment(["=x"]), "--env needs a name"),
    ],
)
def test_a_wrong_option_names_itself(wrong: Callable[[], object], says: str) -> None:
    """In one sentence."""
    with pytest.raises(InputError, match=says):
        wrong()


@pytest.mark.parametrize("text", ["'docker", " ", "\t"])
def test_a_command_without_a_word_is_refused(text: str) -> None:
    """`--engine` and `--pytest` name a program."""
    with pytest.raises(InputError, match=r"^--engine: "):
        asking.command(text, "--engine")
    assert asking.command("podman --runtime runc", "--engine") == ("podman", "--runtime", "runc")
