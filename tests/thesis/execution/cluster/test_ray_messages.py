"""Ray's own messages: all of them in the run's log, one line of each kind for the user."""

from ray._private import worker

from thesis.execution.cluster.ray_messages import divert_messages, messages_to

MESSAGE = (
    "2 Workers (tasks / actors) killed due to memory pressure (OOM) at node abc\nRefer to the documentation\n"
    * 20
)


def test_two_hundred_lines_become_one_and_the_log_has_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(worker, "print_to_stdstream", worker.print_to_stdstream)  # put back afterwards
    divert_messages()
    with messages_to(tmp_path):
        for number in range(5):
            data = {"lines": [MESSAGE.replace("2", str(number))], "pid": "raylet", "is_err": False}
            worker.print_to_stdstream(data, ignore_prefix=False)
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("Ray: 0 Workers (tasks / actors) killed due to memory pressure")
    assert str(tmp_path / "ray.log") in line
    assert len((tmp_path / "ray.log").read_text().splitlines()) > 200


def test_a_full_disk_and_no_run_take_nothing_from_the_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(worker, "print_to_stdstream", worker.print_to_stdstream)
    divert_messages()
    with messages_to(tmp_path / "nowhere"):
        worker.print_to_stdstream({"lines": ["something went wrong"]}, ignore_prefix=False)
    assert capsys.readouterr().err == "Ray: something went wrong\n"
