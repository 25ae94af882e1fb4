"""What a workload trains on: three parts of one labelled image set."""

from dataclasses import dataclass

from torch import Tensor

from thesis_workloads.datasets.images.streamed_images import StreamedImages


@dataclass(frozen=True, kw_only=True)
class LabelledImages:
    """Images and their classes, in the order of the file they come from."""

    # (N, C, H, W) float32, standardised per channel: with the training part's mean and deviation in memory, with
    # ImageNet's where they are decoded when they are asked for
    images: Tensor | StreamedImages
    labels: Tensor  # (N,) int64 in 0..num_classes - 1

    def __len__(self) -> int:
        """Returns N."""
        return len(self.labels)


@dataclass(frozen=True, kw_only=True)
class ImageSplits:
    """The training part, the held-out part for oracle and model selection, and the test part read once."""

    train: LabelledImages
    val: LabelledImages
    test: LabelledImages
    num_classes: int
    name: str  # in thesis_workloads.datasets.catalog
    version: str  # of the package, or the checksum of the files
    digest: str  # 16 hex digits over the pixels and labels of the three parts, before standardising
