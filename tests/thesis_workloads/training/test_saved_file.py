"""Weights as people have them are accepted or refused in one line that names the file."""

import pickle

import pytest
import torch
from torch import nn

from thesis_workloads.classifiers.catalog import load_classifier
from thesis_workloads.training.saved_file import load_state, read_saved, read_state


class Harmful:
    def __reduce__(self):
        return (print, ("run",))


NETWORK = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
STATE = NETWORK.state_dict()


@pytest.mark.parametrize(
    "saved",
    [
        STATE,
        {"state_dict": STATE, "epoch": 3},
        {"epoch": 3, "state_dict": {f"module.{name}": value for name, value in STATE.items()}},
        {"model": {f"_orig_mod.{name}": value for name, value in STATE.items()}},
        {"state_dict": {f"module._orig_mod.{name}": value for name, value in STATE.items()}},
    ],
    ids=["state", "checkpoint", "distributed", "compiled", "both"],
)
def test_a_network_is_loaded_however_its_state_is_wrapped(tmp_path, saved):
    torch.save(saved, tmp_path / "a.pth")
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    load_state(network, read_state(tmp_path / "a.pth"), name="x")
    assert torch.equal(network[0].weight, NETWORK[0].weight)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html>", "a page of HTML"),
        (b"\n<html>", "a page of HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        (b"", "damaged"),
        (b"\x80\x04no pickle", "damaged"),
        (pickle.dumps(Harmful()), "holds code or is damaged"),
        (b"PK\x03\x04" + b"\0" * 200, "damaged"),
    ],
)
def test_what_is_no_weights_file_is_named_in_one_line(tmp_path, content, message):
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        read_saved(tmp_path / "a.pth")
    assert str(tmp_path / "a.pth") in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"a\.pth must be a file .*, there is none"):
        read_saved(tmp_path / "a.pth")


@pytest.mark.parametrize("saved", [[1, 2], {"epoch": 3}, {}, torch.zeros(2), {"state_dict": {"a": 1}}])
def test_a_file_without_a_state_is_refused(tmp_path, saved):
    torch.save(saved, tmp_path / "a.pth")
    with pytest.raises(ValueError, match="must hold a network's state"):
        read_state(tmp_path / "a.pth")


def test_weights_of_another_network_are_told_in_one_line():
    with pytest.raises(ValueError, match=r"those of x, got tensors of which 2 missing .*1 unknown") as error:
        load_state(nn.Linear(2, 3), {"other": torch.zeros(1)}, name="x")
    assert "\n" not in str(error.value)


def test_the_catalogue_names_the_file_of_other_weights(tmp_path):
    torch.save(STATE, tmp_path / "a.pth")
    with pytest.raises(ValueError, match=r"a\.pth: weights must be those of efficientnet-lite0"):
        load_classifier("efficientnet-lite0", weights=tmp_path / "a.pth")
