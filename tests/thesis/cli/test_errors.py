"""Bad input: one line that names the cause, exit code 2, no traceback, before anything starts."""

import sys

import pytest

from thesis.cli.app import main


@pytest.fixture
def thesis(tmp_path, monkeypatch, capsys):
    """Runs a command in an empty folder; returns its exit code and what it wrote to standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "RAY_ADDRESS", "THESIS_DATA_DIR", "THESIS_OUTPUT_DIR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["thesis", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code, capsys.readouterr().err.strip()

    return run


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("sweep rerp", "there is no system 'rerp', did you mean 'repr'"),
        ("sweep repr --set epoch=5", "no setting 'epoch', did you mean 'epochs'"),
        ("sweep repr --set p=130 --space s1=5", "p must be within 0..100, got p=130"),
        ("sweep repr --space p=30,90", "p must leave min_filters=1 in every layer"),
        ("sweep repr --space p=30,130", "p must be within 0..100, got p=130"),
        ("sweep repr --set n=-1", "n must be at least 0, got n=-1"),
        ("sweep repr --set label_noise=1.2", "label_noise must be within 0..1, got label_noise=1.2"),
        ("train repr --set model=c4-32-pool", "model must leave more than one pixel to each pooling: 8x8"),
        (
            "train repr --set scheme=later-layers --set num_early_layers=4",
            "num_early_layers must be at most 3",
        ),
        ("train detection --set label_noise=0.3", "has no setting 'label_noise'"),
        ("sweep ms-roi --controls", "--controls must be left out for ms-roi-encoder"),
        ("sweep repr --space s1=0,10", "s1 must be at least 1, got s1=0"),
        ("sweep repr --space p=", "--space p is empty"),
        ("sweep repr --set data=imagnet", "imagnet"),
        ("train repr --set data=cifar10", "cifar10"),
        ("train repr --set num_train=5000", "num_train must be in"),
        ("train repr --set optimizer=adma", "optimizer must be one of sgd, momentum, adam"),
        ("train repr --set model=resnet", "model must name a network"),
        ("train repr --set metric=taylr", "metric must be one of"),
        ("train repr --scale huge", "--scale must be one of smoke, small, paper"),
        ("train repr --output-dir /dev/null/runs", "the output folder /dev/null/runs cannot be created"),
        ("train repr --hash-keys 5", "--hash-keys is a setting of condensed-memory; repr has none"),
        ("sweep residual-lstm --hash-keys 5", "--hash-keys is a setting of condensed-memory"),
        (
            "train condensed-memory --hash-keys 5 --set hash_keys=7",
            "--hash-keys 5 and --set hash_keys=7 say the same",
        ),
        ("train condensed-memory --hash-keys 201", "hash_keys must be at most"),
        ("sweep condensed-memory --hash-keys 201", "hash_keys must be at most"),
        ("resume", "no unfinished run in"),
        ("resume nothing", "there is no run 'nothing'"),
        ("ui", "there are no runs in"),
        ("list rerp", "there is no system 'rerp'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(thesis, command, message):
    code, written = thesis(*command.split())
    assert code == 2
    assert message in written
    assert len(written.splitlines()) == 1


def test_an_unreachable_tracking_server_is_said_before_training(thesis, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    code, written = thesis("train", "repr", "--scale", "smoke")
    assert code == 2
    assert "the tracking server http://127.0.0.1:9 cannot be reached" in written


def test_a_plan_that_was_edited_is_never_resumed(thesis, tmp_path):
    from thesis.execution.storage.run_folder import create_run
    from thesis.experiments.plan import Resources, TrainPlan, make_config
    from thesis_workloads.registry import find_system

    config = make_config(find_system("repr"), scale="smoke", overrides={})
    plan = TrainPlan(system="repr", scale="smoke", config=config, resources=Resources())
    folder, _ = create_run(tmp_path / "runs", plan, fresh=False, extra={"data_dir": "", "data_digest": ""})
    folder.plan.write_text(folder.plan.read_text().replace('"epochs": 12', '"epochs": 13'))
    code, written = thesis("resume", folder.name)
    assert code == 2
    assert "was changed after its run started" in written
