"""The command ``quoth users``: who may come in where a page is served with ``--auth``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.characters import printable
from qa.console import PATH, fail, reporting

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["users"]

_file = click.option(
    "--file", "file", type=PATH, required=True, metavar="FILE", help="The file of users."
)


@click.group()
def users() -> None:
    """Keep the file of users that --auth names: add, remove, list."""


@users.command()
@click.argument("name")
@_file
@reporting
def add(name: str, file: Path) -> None:
    """Add a user, or give one another password.

    The password is asked for twice, or read from standard input where that is no terminal.
    """
    from qa.serving.users import hashed, read_users, user_name

    user_name(name)
    known = read_users(file) if file.exists() else {}
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    line = f"{name}:{hashed(password)}"
    if name in known:
        _rewrite(file, lambda old: line if _is(old, name) else old)
    else:
        _rewrite(file, lambda old: old, line)
    click.echo(f"{file}: {name} {'has another password' if name in known else 'added'}")


@users.command()
@click.argument("name")
@_file
@reporting
def remove(name: str, file: Path) -> None:
    """Remove a user; a page that is being served lets them in no longer."""
    from qa.serving.users import read_users

    if name not in read_users(file):
        fail(f"{file}: no user {name!r} in it; see: quoth users list --file {file}")
    _rewrite(file, lambda old: None if _is(old, name) else old)
    click.echo(f"{file}: {printable(name)} removed")


@users.command(name="list")
@_file
@reporting
def list_(file: Path) -> None:
    """List the names, one a line."""
    from qa.serving.users import read_users

    for name in read_users(file):
        click.echo(printable(name))


def _is(line: str, name: str) -> bool:
    line = line.strip()
    return not line.startswith("#") and line.partition(":")[0] == name


def _rewrite(file: Path, changed: Callable[[str], str | None], *more: str) -> None:
    """Put a file in the place of the old one, in one step. A new one only its owner can read; an old
    one keeps its owner and who may read it, but never everybody."""
    old = file.read_text(encoding="utf-8-sig").splitlines() if file.exists() else []
    lines = [new for line in old if (new := changed(line)) is not None] + list(more)
    file = file.resolve()  # a link stays a link
    aside = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        with open(
            os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as out:
            if os.name == "posix" and file.exists():
                facts = file.stat()
                for owner in ((-1, facts.st_gid), (facts.st_uid, -1)):
                    with suppress(OSError):  # only an administrator's file can be given away
                        os.fchown(out.fileno(), *owner)
                kept = os.fstat(out.fileno()).st_gid == facts.st_gid
                os.fchmod(out.fileno(), facts.st_mode & (0o770 if kept else 0o700))
            out.write("".join(f"{line}\n" for line in lines))
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, file)
    except OSError as error:
        aside.unlink(missing_ok=True)
        fail(f"{file}: cannot be written ({error.strerror})")
