import pytest
import torch


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Tiny networks on a busy machine take a hundred times as long on two threads as on one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
