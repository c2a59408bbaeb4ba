"""Read and write JSON files below one folder: decoded by type, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from flakebot.errors import InputError

T = TypeVar("T")

MAX_BYTES = 64 * 1024 * 1024
"""No JSON file of a saved run comes near this; GitHub's largest page is below 10 MB."""


def inside(root: Path, name: str) -> Path:
    """The path of `name` below `root`; raises `InputError` when it leads out of it, also through
    a link. Links in a circle are told by who opens it, as on every Python: `Path.resolve` raised
    before 3.13, `os.path.realpath` never does.
    """
    path = root / name
    if "\0" in name or not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise InputError(f"{name!r} leads out of the folder {root}.")
    return path


def read(root: Path, name: str, kind: type[T]) -> T | None:
    """The file decoded as `kind`, None when there is none; raises `InputError` that names the file
    and the field.
    """
    content = read_bytes(inside(root, name))
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{root / name} cannot be read: {error}.") from error


def convert(data: object, kind: type[T], path: Path) -> T:
    """An object that was read as it stands, as a value; raises `InputError` as `read` does."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{path} cannot be read: {error}.") from error


def read_bytes(path: Path) -> bytes | None:
    """The file's content, None when there is none."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{path} cannot be read: it is larger than {MAX_BYTES} bytes.")
    return content


def write(path: Path, data: object) -> None:
    """Replace a JSON file, indented for reading."""
    replace(path, msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n")


def create(path: Path, content: bytes) -> bool:
    """Write a new file in one step; false, and nothing done, when there is one of that name."""

    def link(temporary: Path) -> None:
        os.link(temporary, path)
        temporary.unlink()

    try:
        _written(path, content, link)
    except FileExistsError:
        return False
    return True


def replace(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that a crash leaves the old one or the new one."""
    _written(path, content, lambda temporary: temporary.replace(path))


def _written(path: Path, content: bytes, placed: Callable[[Path], object]) -> None:
    """Write a file beside its place and put it there; raises `FileExistsError` as `placed` does."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        placed(temporary)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, FileExistsError) and path.parent.is_dir():
            raise
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
