"""RePr's functions, as the platform calls them."""

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.contract.workload import Workload
from thesis_workloads.datasets.readers.download import download
from thesis_workloads.datasets.readers.splits import check_sizes, load_images
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.size import check_pruning, size_of
from thesis_workloads.systems.repr.train import train
from thesis_workloads.systems.repr.validation import validate


def _validate(config: RePrConfig) -> None:
    validate(config)
    check_sizes(config.data, num_train=config.num_train, num_val=config.num_val)
    check_pruning(config)


WORKLOAD = Workload(
    validate=_validate,
    data_fields=("data", "num_train", "num_val", "num_loaders", "label_noise", "noise_seed"),
    shares_data=True,
    load=lambda config, data_dir: load_images(
        config.data,
        data_dir=data_dir,
        num_train=config.num_train,
        num_val=config.num_val,
        num_loaders=config.num_loaders,
        label_noise=config.label_noise,
        noise_seed=config.noise_seed,
    ),
    train=train,
    # Resuming from the state after the last epoch trains nothing and returns the network.
    restore=lambda config, data, state: train(config, data, MemoryReporter(start=state)),
    size=size_of,
    example=lambda data: data.val.images[:4].numpy(),
    download=lambda config, data_dir: download(config.data, data_dir),
)
