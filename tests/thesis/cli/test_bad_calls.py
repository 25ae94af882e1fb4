"""Sixty bad calls over all commands: exit code 2 (1 where something ran), at most 12 lines, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import thesis
import thesis_workloads
from thesis.cli.app import app, main

CALLS = [
    # (command, a part of the answer)
    ("nothing", "No such command"),
    ("--nothing", "No such option"),
    ("list repr detection", "unexpected extra argument"),
    ("list rper", "did you mean 'repr'?"),
    ("train", "Missing argument"),
    ("train reprs", "did you mean 'repr'?"),
    ("train repr --workers 0", "--workers"),
    ("train repr --workers two", "--workers"),
    ("train repr --seed -1", "--seed"),
    ("train repr --seed 4294967296", "--seed"),
    ("train repr --set", "requires an argument"),
    ("train repr --set p", "--set must be key=value"),
    ("train repr --set p=", "p must be"),
    ("train repr --set =5", "no setting ''"),
    ("train repr --set p=1e400", "p must be"),
    ("train repr --set epochs=1.5", "epochs must be a whole number"),
    ("train repr --set batch_norm=maybe", "batch_norm must be true or false"),
    ("train repr --set device=gpu", "did you mean cuda?"),
    ("train repr --set data=CIFAR10", "did you mean 'cifar10'?"),
    ("train repr --set data=cifar10", "dataset 'cifar10' is not here"),
    ("train repr --set data=imagenet --data-dir folder", "dataset 'imagenet' is not here"),
    ("train repr --scale medium", "--scale must be one of"),
    ("train repr --gpus-per-worker 1 --gpu-memory-per-worker 4", "say the same in two ways"),
    ("train repr --data-dir text.txt", "is a file"),
    ("train repr --output-dir text.txt", "the output folder text.txt cannot be created"),
    ("train repr --output-dir text.txt/runs", "cannot be created"),
    ("train repr --output-dir s3://bucket/runs", "the output folder must be a folder"),
    ("train repr --checkpoint-dir text.txt/states", "text.txt/states"),
    ("train repr --download", "--download needs --data-dir"),
    ("train detection --set data=coco", "--data-dir"),
    ("train residual-lstm --set data=ppdb", "ppdb isn't here"),
    ("train highway-vqa --set data=vqa-v1", "vqa-v1"),
    ("train condensed-memory --set data=mimic", "MIMIC-III"),
    ("train pixel-deflection --set denoisers=magic", "denoisers must be some of"),
    ("sweep repr --search best", "--search must be one of"),
    ("sweep repr --search grid --space p=5:60", "a grid needs listed values"),
    ("sweep repr --space p=60:5", "needs low < high"),
    ("sweep repr --space optimizer=sgd:adam", "is a range"),
    ("sweep repr --space p=5:60:cubic", "low:high or low:high:log"),
    ("sweep repr --space seed=1,2", "seed is not searched"),
    ("sweep repr --space p=5 --set p=5", "both searched"),
    ("sweep repr --seeds 0", "--seeds"),
    ("sweep repr --scheduler pbt --search optuna", "--scheduler pbt needs"),
    ("sweep repr --search half --space p=1,2 --space s1=1,2", "half a grid needs at least three"),
    ("evaluate nothing", "thesis evaluate knows the systems"),
    ("evaluate --attacks fgsmm", "did you mean 'fgsm'?"),
    ("evaluate --defenses none-such", "there is no defence"),
    ("evaluate --weights page.pth --classifier resnet-50", "a page of HTML"),
    ("evaluate --images folder --labels labels.csv", "it lacks LABEL"),
    ("evaluate --images text.txt", "not a readable Parquet file"),
    ("evaluate --table table-9.9", "there is no evaluation"),
    ("compress nothing.png out.jpg", "there is no image or folder nothing.png"),
    ("compress picture.png out.gif", "the output must end in"),
    ("compress picture.png out.jpg --map text.txt", "map text.txt: cannot identify image file"),
    ("compress picture.png out.jpg --levels 0", "--levels"),
    ("defend folder out.png", "there is no image"),
    ("defend picture.png out.png --sigma nan", "--sigma"),
    ("ask nothing.png what", "there is no image nothing.png"),
    ("ask picture.png what", "no trained highway-vqa"),
    ("paraphrase hello", "no trained residual-lstm"),
    ("diagnose nothing.txt", "cannot be read"),
    ("diagnose text.txt", "no trained condensed-memory"),
    ("resume repr-train-00000000-9", "there is no run"),
    ("resume --output-dir folder", "no unfinished run"),
    ("resume repr-train-deadbeef-1 --output-dir broken", "is not a readable plan"),
    ("reproduce", "Missing argument"),
    ("reproduce table-9.9", "there is no table or figure"),
    ("reproduce table-5.1 --scale huge", "--scale must be one of"),
    ("report --scale huge", "--scale must be one of"),
    ("report --output-dir text.txt", "--output-dir must be a folder"),
    ("prepare nothing --data-dir folder", "nothing cannot be prepared"),
    ("prepare image-features --data-dir folder --set data=vqa-v1", "vqa-v1"),
    ("submit --address localhost:8265 -- list", "write http://localhost:8265"),
    ("submit --address http://127.0.0.1:9 -- list", "no job server answers"),
    ("submit -- train repr --output-dir runs", "--output-dir must be an absolute path"),
    ("jobs", "Commands"),
    ("jobs stop --address http://127.0.0.1:9", "no job server answers"),
    ("ui --output-dir folder", "there are no runs in"),
    ("ui --port 99999", "--port"),
]
NEED_NO_TORCH = [
    "train repr --set device=gpu",
    "train repr --set data=CIFAR10",
    "train repr --set data=cifar10",
    "train pixel-deflection --set denoisers=magic",
    "sweep repr --space s1=0,10",
    "train repr --output-dir text.txt",
    "evaluate --classifier resnet-50",
    "evaluate --images nothing",
    "compress nothing.png out.jpg",
    "defend picture.png out.png --sigma nan",
    "ask nothing.png what",
    "resume nothing",
    "jobs stop --address localhost:8265",
]


@pytest.fixture
def surroundings(tmp_path, monkeypatch):
    """A working folder with a picture, a text, a page of HTML named as weights, and a broken run."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("MLFLOW_", "THESIS_", "RAY_")):
            monkeypatch.delenv(name)
    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    (tmp_path / "text.txt").write_text("some words of a text")
    (tmp_path / "page.pth").write_text("<!DOCTYPE html><html></html>")
    (tmp_path / "labels.csv").write_text("file,class\na.jpg,1\n")
    (tmp_path / "folder").mkdir()
    run = tmp_path / "broken" / "repr-train-deadbeef-1"
    run.mkdir(parents=True)
    (run / "plan.json").write_text(json.dumps({"plan": [1, 2]}))
    return tmp_path


@pytest.mark.parametrize(("command", "answer"), CALLS, ids=[command for command, _ in CALLS])
def test_a_bad_call_is_answered_briefly(surroundings, monkeypatch, capsys, command, answer):
    monkeypatch.setattr(sys, "argv", ["thesis", *command.split()])
    before = sorted(surroundings.rglob("*"))
    with pytest.raises(SystemExit) as caught:
        main()
    printed = capsys.readouterr()
    text = " ".join((printed.out + printed.err).replace("│", " ").split())
    assert caught.value.code in (1, 2)
    assert answer in text
    assert "Traceback" not in text
    if command != "jobs":  # its help
        assert len((printed.out + printed.err).splitlines()) <= 12
    left = {path for path in surroundings.rglob("*") if path not in before}
    assert not [path for path in left if (path / "plan.json").exists()]


def test_there_are_sixty_of_them_over_all_commands():
    called = {command.split()[0] for command, _ in CALLS}
    named = {each.name for each in app.registered_commands} | {"jobs"}
    assert len(CALLS) >= 60
    assert named - called <= {"doctor"}  # which takes no value that may be wrong


def test_what_needs_no_torch_is_said_before_torch_is_imported(surroundings):
    """One process for all calls: nothing of them may import PyTorch or Ray."""
    script = (
        "import sys, thesis.cli.app as app\n"
        "for call in sys.argv[1:]:\n"
        "    sys.argv = ['thesis', *call.split()]\n"
        "    try: app.main()\n"
        "    except SystemExit as end: print(end.code)\n"
        "    print(*[name for name in ('torch', 'ray', 'mlflow') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *NEED_NO_TORCH],
        capture_output=True,
        text=True,
        check=True,
        env=_environment(),
    )
    assert done.stdout.split() == ["2"] * len(NEED_NO_TORCH), done.stderr


def _environment():
    roots = [str(Path(each.__file__).parents[1]) for each in (thesis, thesis_workloads)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
