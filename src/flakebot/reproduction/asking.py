"""Read the options of `flakebot reproduce` into a campaign. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from flakebot.errors import InputError
from flakebot.reproduction.iterations import Level, Shard, Variant
from flakebot.secrets_mask import Masker

MOST_PROCESSES = 1024
"""Of one level: more is a slip of the finger."""

SERIAL = "serial"
_NAME_LENGTH = 100
"""Of a variant, which names a folder together with its level: file systems allow 255 bytes."""

_ANY = "x" * 40
"""A value that is a secret wherever the name says so: passwords may be shorter than masks."""

_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def levels(text: str, *, load: int, random_order: bool) -> tuple[Level, ...]:
    """Levels from `serial,16,32`, each once, in that order.

    Raises:
        InputError: one is neither `serial` nor a number of processes.
    """
    words = [word.strip() for word in text.split(",")]
    found = (
        Level(processes=_processes(word), load=load, random_order=random_order) for word in words
    )
    return tuple(dict.fromkeys(found))


def _processes(word: str) -> int:
    if word == SERIAL:
        return 0
    if word.isascii() and word.isdigit() and len(word) <= len(str(MOST_PROCESSES)):
        number = int(word)
        if 0 < number <= MOST_PROCESSES:
            return number
    raise InputError(
        f"--levels: {word!r} is neither `{SERIAL}` nor a number of processes "
        f"from 1 to {MOST_PROCESSES}."
    )


def shard(text: str) -> Shard:
    """`3/10`: the third of ten parts.

    Raises:
        InputError: the text has another shape.
    """
    if not text:
        return Shard()
    index, _, count = text.partition("/")
    if all(part.isascii() and part.isdigit() and len(part) <= 6 for part in (index, count)):  # noqa: PLR2004  a million machines
        found = Shard(index=int(index), count=int(count))
        if 1 <= found.index <= found.count:
            return found
    raise InputError(f"--shard: {text!r} is no part of a whole, as 3/10 is.")


def variants(texts: Sequence[str]) -> tuple[Variant, ...]:
    """The tests as they are, then each `NAME=PYTEST ARGUMENTS`.

    Raises:
        InputError: one has no name, or two have the same.
    """
    found = [Variant(), *map(_variant, texts)]
    names = [variant.name for variant in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"--variant: {name!r} is given twice.")
    return tuple(found)


def _variant(text: str) -> Variant:
    name, equals, arguments = text.partition("=")
    plain = 0 < len(name) <= _NAME_LENGTH and _NAME_CHARACTERS.issuperset(name)
    if not equals or not plain:
        raise InputError(
            f"--variant: {text!r} should look like `forked=--forked`, "
            f"with at most {_NAME_LENGTH} letters, digits, dots and hyphens before the `=`."
        )
    return Variant(name=name, arguments=words(arguments, "--variant"))


def words(text: str, option: str) -> tuple[str, ...]:
    """The words of a command as a shell would part them.

    Raises:
        InputError: a quotation has no end.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise InputError(f"{option}: {text!r} cannot be read: {error}.") from error


def command(text: str, option: str) -> tuple[str, ...]:
    """The words of a command that somebody names.

    Raises:
        InputError: a quotation has no end, or there is no word.
    """
    if found := words(text, option):
        return found
    raise InputError(f"{option}: {text!r} names no command.")


def share(text: str, option: str) -> float:
    """`95%` or `0.95` as 0.95; 0 for nothing.

    Raises:
        InputError: it is no number between 0 and 1.
    """
    if not text:
        return 0.0
    number, percent = text.strip().removesuffix("%"), text.strip().endswith("%")
    try:
        found = float(number) / (100 if percent else 1)
    except ValueError:
        found = 0.0
    if not 0 < found < 1:
        raise InputError(f"{option}: {text!r} is no share between 0 and 1, as 95% is.")
    return found


def tests_and_arguments(given: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands before the first option of pytest, and the rest."""
    first = next((at for at, word in enumerate(given) if word.startswith("-")), len(given))
    return tuple(given[:first]), tuple(given[first:])


def environment(texts: Sequence[str]) -> dict[str, str | None]:
    """`NAME` to pass on, or `NAME=VALUE` to set.

    Raises:
        InputError: there is no name.
    """
    parted = [text.partition("=") for text in texts]
    for name, _, _ in parted:
        if not name:
            raise InputError("--env needs a name, as in `--env HF_TOKEN` or `--env DEBUG=1`.")
    return {name: text if equals else None for name, equals, text in parted}


def assigned(given: Mapping[str, str | None], mask: Masker) -> dict[str, str | None]:
    """The variables that `--env` set, each with what may be printed of it: None for a value that
    looks like a secret, or whose name says so, however short it is.
    """
    found = {name: text for name, text in given.items() if text is not None}
    return {name: None if _is_secret(name, text, mask) else text for name, text in found.items()}


def _is_secret(name: str, text: str, mask: Masker) -> bool:
    return any(mask(told) != told for told in (f"{name}={text}", f"{name}={_ANY}"))
