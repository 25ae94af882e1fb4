"""Files that appear atomically, whatever happens while they are written."""

import errno
import os
import stat
import threading

import pytest

from thesis.files import atomic_path, write_atomic


@pytest.mark.parametrize(
    ("content", "stored"), [("déjà\r\nvu\n", "déjà\r\nvu\n".encode()), (b"\0\xff", b"\0\xff"), ("", b"")]
)
def test_a_file_holds_exactly_its_content_and_its_folders_are_made(tmp_path, content, stored):
    write_atomic(tmp_path / "a" / "b.txt", content)
    assert (tmp_path / "a" / "b.txt").read_bytes() == stored


def test_a_write_that_fails_leaves_the_old_file_and_nothing_next_to_it(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_atomic(path, "old")

    def full(unfinished, final):
        assert unfinished.read_text() == "new"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("thesis.files.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_in_the_block_leaves_the_old_file_and_nothing_next_to_it(tmp_path):
    path = tmp_path / "a.txt"
    write_atomic(path, "old")

    def fail():
        with atomic_path(path) as unfinished:
            unfinished.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_a_part_of_a_file_that_many_write_at_once(tmp_path):
    path = tmp_path / "a.txt"
    contents = [str(number) * 100_000 for number in range(4)]
    write_atomic(path, contents[0])
    writers = [
        threading.Thread(target=lambda c=each: [write_atomic(path, c) for _ in range(20)])
        for each in contents
    ]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(path.read_text())
    for writer in writers:
        writer.join()
    assert seen <= set(contents)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_has_the_permissions_of_any_new_file(tmp_path):
    """Of a temporary file they would be the owner's alone, so that nobody could read a shared folder."""
    (tmp_path / "plain").write_text("x")
    write_atomic(tmp_path / "atomic", "x")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "atomic")]
    assert modes[0] == modes[1]


def test_what_a_killed_process_left_under_a_given_name_is_not_read(tmp_path):
    left = tmp_path / "store.db.part"
    left.write_text("half")
    with atomic_path(tmp_path / "store.db", unfinished=left) as unfinished:
        assert not unfinished.exists()
        unfinished.write_text("whole")
    assert [each.name for each in tmp_path.iterdir()] == ["store.db"]
