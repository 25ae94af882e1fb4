"""Checkpoints and adversarial sets in an object store: a server process that speaks S3's protocol."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import s3_server as _server
import torch

from thesis.execution.evaluation.adversarial_store import TENSORS, read_chunk, read_provenance, write_chunk
from thesis.execution.storage.checkpoints import newest_state
from thesis.execution.storage.filesystems import (
    check_storage,
    exists,
    iter_files,
    join_location,
    resolve_location,
    write_file,
)
from thesis.execution.storage.run_folder import check_writable, create_run
from thesis.execution.training.sweep import stop_forwarding_aws_credentials
from thesis_workloads.contract.errors import UserError

LIMIT_S = 600


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with _server.s3_server(tmp_path_factory.mktemp("s3")) as environment:
        yield environment


@pytest.fixture
def bucket(server, monkeypatch, request):
    """A prefix of its own in the bucket, which this process may write to."""
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    return f"s3://{_server.BUCKET}/{request.node.name[:40]}"


def content_of(where):
    return {
        info.path: resolve_location(where).filesystem.open_input_file(info.path).read()
        for info in iter_files(where)
    }


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_file_is_found_once_it_is_written_wherever_it_is(kind, bucket, tmp_path):
    where = join_location(bucket if kind == "bucket" else tmp_path, "a", "b.bin")
    assert not exists(where)
    write_file(where, b"first")
    write_file(where, b"second")
    assert exists(where)
    assert list(content_of(join_location(bucket if kind == "bucket" else tmp_path)).values()) == [b"second"]


def test_there_are_no_files_below_what_is_not_there(bucket):
    assert list(iter_files(join_location(bucket, "nothing"))) == []


def test_an_adversarial_set_comes_back_from_the_store_to_the_last_bit(bucket):
    row = dict.fromkeys(("error", "clean_prediction", "adversarial_prediction", "probability"))
    row |= {"id": "a.png", "label": 3, "status": "attacked", "l2": 0.1, "linf": 0.2, "size": 4}
    row |= {"adversary_rank": 1, "label_rank": 2}
    arrays = {name: np.random.default_rng(0).random((3, 4, 4), dtype=np.float32) for name in TENSORS}
    arrays["saliency"] = arrays["saliency"][0]
    where = join_location(bucket, "sets", "one.parquet")
    write_chunk(where, [{**row, **arrays}], {"attack": "fgsm"})
    found = read_chunk(where)
    assert np.array_equal(found.adversarial[0].numpy(), arrays["adversarial"])
    assert np.array_equal(found.saliency[0].numpy(), arrays["saliency"])
    assert read_provenance(where) == {"attack": "fgsm"}


def test_the_newest_state_is_found_in_the_store(bucket, tmp_path, train_plan):
    folder, _ = create_run(tmp_path, train_plan(), fresh=False, extra={"checkpoint_dir": bucket})
    assert newest_state(folder, "trial-a") is None
    for number in (1, 2):
        torch.save({"epoch": number}, tmp_path / "state.pt")
        where = join_location(bucket, folder.name, "tune", "trial-a", f"checkpoint_00000{number}", "state.pt")
        write_file(where, (tmp_path / "state.pt").read_bytes())
    assert newest_state(folder, "trial-a") == {"epoch": 2}
    assert newest_state(folder, "trial-b") is None


def test_an_unfinished_run_does_not_go_on_with_checkpoints_from_elsewhere(tmp_path, train_plan):
    create_run(tmp_path, train_plan(), fresh=False, extra={"checkpoint_dir": "s3://runs/a"})
    with pytest.raises(UserError, match="--checkpoint-dir must be s3://runs/a"):
        create_run(tmp_path, train_plan(), fresh=False, extra={"checkpoint_dir": "s3://runs/b"})


def test_what_is_kept_of_a_store_holds_no_key(bucket, server):
    kept = pickle.dumps(resolve_location(bucket).filesystem)
    assert not any(server[name].encode() in kept for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))


def test_a_trial_s_runtime_environment_holds_no_key(monkeypatch, bucket, server):
    from ray.tune.execution import class_cache

    class Trial:
        pass

    def told():
        return class_cache._ActorClassCache().get(Trial)._default_options["runtime_env"]["env_vars"]

    monkeypatch.setattr(class_cache, "ENV_VARS_TO_PROPAGATE", {"AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"})
    assert server["AWS_SECRET_ACCESS_KEY"] in told().values()  # Tune's own way
    stop_forwarding_aws_credentials()
    assert not {server["AWS_SECRET_ACCESS_KEY"], server["AWS_ACCESS_KEY_ID"]} & {*told().values()}


def test_a_store_that_does_not_take_a_file_is_one_line(bucket):
    with pytest.raises(UserError, match="nothing can be written to s3://no-such-bucket/x") as caught:
        check_storage("s3://no-such-bucket/x")
    assert "\n" not in str(caught.value)


def test_an_address_with_a_key_is_refused_without_showing_it():
    with pytest.raises(UserError, match="holds a key") as caught:
        resolve_location("s3://me:geheim@runs/x")
    assert "geheim" not in str(caught.value)


def test_a_run_s_own_folder_is_not_in_a_store():
    with pytest.raises(UserError, match="--checkpoint-dir may be there"):
        check_writable(Path("s3://runs/x"))


def thesis(server, *arguments, folder, **variables):
    hidden = ("RAY_ADDRESS", "MLFLOW_TRACKING_URI")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.Popen(
        [sys.executable, "-m", "thesis", *arguments],
        cwd=folder,
        env={**environment, **server, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.ray
@pytest.mark.slow
def test_a_training_and_an_evaluation_keep_what_they_make_in_the_store(server, bucket, tmp_path):
    trained = thesis(
        server,
        "train",
        "repr",
        "--scale",
        "smoke",
        "--checkpoint-dir",
        join_location(bucket, "train"),
        folder=tmp_path,
    )
    said, _ = trained.communicate(timeout=LIMIT_S)
    assert trained.returncode == 0, said
    assert [info for info in iter_files(join_location(bucket, "train")) if info.base_name == "state.pt"]
    command = ["evaluate", "pixel-deflection", "--scale", "smoke"]
    counts = []
    for _ in range(2):
        done = thesis(server, *command, folder=tmp_path, THESIS_SETS_DIR=join_location(bucket, "sets"))
        said, _ = done.communicate(timeout=LIMIT_S)
        assert done.returncode == 0, said
        counts.append({info.path: info.mtime_ns for info in iter_files(join_location(bucket, "sets"))})
    assert counts[0]
    assert counts[0] == counts[1]
