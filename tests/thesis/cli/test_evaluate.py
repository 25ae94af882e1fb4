"""Bad input to evaluate and defend: one line that names the cause, exit code 2, before anything starts."""

import sys

import pytest

from thesis.cli.app import main


@pytest.fixture
def thesis(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "RAY_ADDRESS", "THESIS_DATA_DIR", "THESIS_OUTPUT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("THESIS_CACHE_DIR", str(tmp_path / "cache"))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["thesis", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        printed = capsys.readouterr()
        return caught.value.code or 0, printed.out, printed.err.strip()

    return run


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("evaluate repr", "thesis evaluate knows the systems pixel-deflection"),
        ("evaluate --attacks fgms", "there is no attack 'fgms', did you mean 'fgsm'"),
        ("evaluate --defences jpg", "there is no defence 'jpg', did you mean 'jpeg'"),
        ("evaluate --table table-9.9", "there is no evaluation 'table-9.9'"),
        ("evaluate --classifier resnet50", "--classifier must be one of efficientnet-lite0"),
        ("evaluate --classifier resnet-50", "resnet-50 ships no weights"),
        ("evaluate --classifier resnet-50 --weights nowhere.pth", "nowhere.pth"),
        ("evaluate --images nowhere --plan", "--images must be shipped"),
        ("evaluate --set windw=3", "no setting 'windw', did you mean 'window'"),
        ("defend nothing out", "there is no image or folder nothing"),
        ("defend . out.txt --set sigma=-1", "sigma must be at least 0"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(thesis, command, message):
    code, _, error = thesis(*command.split())
    assert code == 2
    assert message in error
    assert error.count("\n") == 0


def test_a_plan_says_what_it_would_cost_and_leaves_nothing(thesis, tmp_path):
    code, printed, _ = thesis("evaluate", "--plan", "--attacks", "fgsm@0.02,cw")
    assert code == 0
    assert "20 (shipped photographs)" in printed
    assert "CPU core hours" in printed
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("command", ["evaluate", "defend"])
def test_the_commands_explain_themselves_with_examples(thesis, command):
    _, printed, _ = thesis(command, "--help")
    assert f"thesis {command} " in printed
    assert "Examples" in printed


def test_a_bad_image_is_named_skipped_and_counted(thesis, tmp_path):
    from PIL import Image

    (tmp_path / "in").mkdir()
    Image.new("RGB", (40, 40), (90, 120, 30)).save(tmp_path / "in" / "good.png")
    (tmp_path / "in" / "bad.png").write_bytes(b"no image")
    code, printed, _ = thesis("defend", "in", "out", "--no-map", "--quiet")
    assert code == 1
    assert "bad.png: cannot identify image file" in printed
    assert "1 defended, 1 skipped" in printed
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.png"]
