"""The file of users, the command that keeps it, and rates."""

import os
import stat
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.errors import QuothError
from qa.cli import main
from qa.serving.rates import Rates, rate
from qa.serving.users import Users, UsersError, hashed, read_users

HASH = hashed("wood pigeon")


def run(*args: object, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["users", *map(str, args)], input=stdin)


def test_add_list_remove(tmp_path: Path) -> None:
    """A user is added, let in with the password, given another, and removed; the rest stays."""
    file = tmp_path / "users"
    assert run("add", "ann", "--file", file, stdin="one\n").exit_code == 0
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open("a") as more:
        more.write("# ann: kept\n\n")
    assert run("add", "böb", "--file", file, stdin="zwei drei").exit_code == 0
    assert run("list", "--file", file).stdout == "ann\nböb\n"
    users = Users.load(file)
    assert users.check("ann", "one")
    assert users.check("böb", "zwei drei")
    for name, password in (
        ("ann", "zwei drei"),
        ("ann", ""),
        ("nobody", "one"),
        ("ann", "one" * 999),
    ):
        assert not users.check(name, password)
    assert "another password" in run("add", "ann", "--file", file, stdin="two").stdout
    assert not users.check("ann", "one")
    assert users.check("ann", "two")
    assert run("remove", "ann", "--file", file).exit_code == 0
    assert "# ann: kept" in file.read_text()
    assert not users.known("ann", "two")
    assert not users.check("ann", "two")
    assert users.check("böb", "zwei drei")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["remove", "ann"], "no such file of users"), (["list"], "no such file of users"),
        (["add", "a:b"], "cannot be a user's name"), (["add", " a"], "cannot be a user's name"),
        (["add", "#a"], "cannot be a user's name"), (["add", "a\u202e"], "cannot be a user's name"),
        (["add", "ann"], "a password has 1 to 1,024 characters"),
    ],
)  # fmt: skip
def test_bad_commands_get_one_line(tmp_path: Path, args: list[str], said: str) -> None:
    """And write nothing."""
    file = tmp_path / "users"
    result = run(*args, "--file", file, stdin="\n")
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert not file.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file of users"),
        (b"\xff\xfe", "not a text file in UTF-8"),
        (b"", "no users in it"),
        (b"# nobody\n", "no users in it"),
        (f"ann:{HASH}\n\nbob\n".encode(), "line 3: not NAME:HASH"),
        (f"ann:{HASH}\nbob:secret\n".encode(), "line 2: not NAME:HASH"),
        (f":{HASH}\n".encode(), "line 1: not NAME:HASH"),
        (f"ann:{HASH}\nann:{HASH}\n".encode(), "line 2: user 'ann' is there twice"),
    ],
)
def test_bad_files_get_one_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    """Which file, which line, and how to mend it; never a password or a hash."""
    file = tmp_path / "users"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsersError, match=said) as error:
        Users.load(file)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_a_folder_is_no_file_of_users(tmp_path: Path) -> None:
    """One line, too."""
    with pytest.raises(UsersError, match="cannot be read"):
        read_users(tmp_path)


def test_a_spoilt_file_lets_nobody_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Until it is mended; the log says why, once."""
    file = tmp_path / "users"
    file.write_text(f"ann:{HASH}\n")
    users = Users.load(file)
    assert users.check("ann", "wood pigeon")
    for spoilt in ("ann\n", None):
        caplog.clear()
        file.unlink() if spoilt is None else file.write_text(spoilt)
        assert not users.known("ann", "wood pigeon")
        assert not users.check("ann", "wood pigeon")
        assert caplog.text.count("nobody is let in") == 1
    file.write_text(f"ann:{HASH}\n")
    assert users.check("ann", "wood pigeon")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_file_that_all_can_read_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With what mends it."""
    file = tmp_path / "users"
    file.write_text(f"ann:{HASH}\n")
    file.chmod(0o644)
    Users.load(file)
    assert "chmod 600" in caplog.text


def test_a_password_is_worked_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verified credentials are remembered, failed ones are not, and unknown names cost the same."""
    file = tmp_path / "users"
    file.write_text(f"ann:{HASH}\n")
    users = Users.load(file)
    from qa.serving import users as module

    worked: list[str] = []

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            worked.append(password)
            return hasher.verify(kept, password)

    hasher = module._hasher
    monkeypatch.setattr(module, "_hasher", Counting())
    for name, password in (
        [("ann", "wood pigeon")] * 3 + [("ann", "no")] * 2 + [("nobody", "no")] * 2
    ):
        users.check(name, password)
    assert worked == ["wood pigeon", "no", "no", "no", "no"]


def test_rates_are_counted_for_each_client() -> None:
    """Up to so many in a moving window, then until when."""
    rates = Rates("2/minute")
    assert [rates.spend("a") is None for _ in range(3)] == [True, True, False]
    again = rates.spend("a")
    assert again is not None
    assert 50 < again - time.time() <= 60
    assert rates.spend("b") is None
    for _ in range(10):
        assert rates.locked("x") is None
        rates.failed("x")
    assert rates.locked("x") is not None
    assert rates.locked("y") is None


@pytest.mark.parametrize("text", ["", "x", "0/minute", "5", "-1/minute"])
def test_what_is_no_rate(text: str) -> None:
    """One line that says what one is."""
    with pytest.raises(QuothError, match="120/minute"):
        rate(text)


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_who_may_read_the_file_stays(tmp_path: Path) -> None:
    """A service that reads the file by its group still can when an administrator adds a user."""
    file = tmp_path / "users"
    run("add", "ann", "--file", file, stdin="one\n")
    file.chmod(0o644)
    run("add", "bob", "--file", file, stdin="two\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    if os.geteuid() == 0:
        os.chown(file, 65534, 65534)
        run("remove", "bob", "--file", file)
        assert (file.stat().st_uid, file.stat().st_gid) == (65534, 65534)
