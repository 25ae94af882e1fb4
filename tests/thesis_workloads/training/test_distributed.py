import pytest
import torch
from torch import nn

from thesis_workloads.training.distributed import training_device, wrap


def test_a_single_process_trains_the_network_itself():
    network = nn.Linear(1, 1)
    assert wrap(network) is network


def test_auto_takes_the_processor_where_there_is_no_accelerator(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training_device("auto") == torch.device("cpu")


def test_an_accelerator_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="device must be cpu or auto on a machine without an accelerator"):
        training_device("cuda")


def test_each_worker_of_a_machine_takes_its_own_accelerator(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert training_device("auto") == torch.device("cuda", 1)
