"""Which image sets there are, and whether each is here. Standard library only, so listing them is quick."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from thesis_workloads.contract.nearest import nearest_name
from thesis_workloads.datasets.errors import DatasetMissing


@dataclass(frozen=True, kw_only=True)
class ImageSet:
    """One labelled image set and where its files may lie."""

    description: str  # one line
    image_shape: tuple[int, int, int]  # (C, H, W)
    num_classes: int
    num_train: int  # images that a held-out part and a training part are taken from
    num_test: int  # images of the test part
    source: str  # package: comes with a dependency | torchvision: can be downloaded | folder: the user's own files
    package: str = ""  # import name of the package that carries it
    files: tuple[str, ...]  # all must be there, each as it is or with .gz where `may_be_gzipped`
    may_be_gzipped: bool = False
    folders: tuple[str, ...] = ()  # under the data folder, or inside the package
    system_folders: tuple[str, ...] = ()  # absolute
    subfolders: tuple[str, ...] = ()  # must be there too
    archive: str = ""  # a file under the data folder that holds `folders[0]`
    remedy: str  # what to do when it is absent


@dataclass(frozen=True, kw_only=True)
class DatasetStatus:
    """Whether a set is here."""

    name: str
    found: Path | None  # the folder or archive with its files; None where absent
    looked_in: tuple[Path, ...]
    remedy: str

    @property
    def is_here(self) -> bool:
        """Returns whether all files were found (their checksums are compared when they are read)."""
        return self.found is not None

    def explain(self) -> str:
        """Returns one line: where the set is, or where it was looked for and what to do."""
        if self.found is not None:
            return f"dataset {self.name!r} is in {self.found}"
        places = (
            ", ".join(str(place) for place in self.looked_in) or "no folder, since none is given or installed"
        )
        return f"dataset {self.name!r} is not here (looked in {places}): {self.remedy}"


IMAGE_SETS: dict[str, ImageSet] = {
    "digits": ImageSet(
        description="handwritten digits of 8x8 pixels, shipped with scikit-learn",
        image_shape=(1, 8, 8),
        num_classes=10,
        num_train=800,
        num_test=997,
        source="package",
        package="sklearn",
        files=("digits.csv.gz",),
        folders=("datasets/data",),
        remedy="pip install scikit-learn",
    ),
    "fashion-mnist": ImageSet(
        description="photographs of clothes of 28x28 pixels, grey",
        image_shape=(1, 28, 28),
        num_classes=10,
        num_train=60_000,
        num_test=10_000,
        source="torchvision",
        files=(
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        ),
        may_be_gzipped=True,
        folders=("FashionMNIST/raw", "fashion-mnist", "."),
        system_folders=("/usr/share/datasets/fashion-mnist",),
        remedy="apt-get install dataset-fashion-mnist, or put the four *-ubyte.gz files into "
        "FashionMNIST/raw under the data folder, or download them there with torchvision (--download)",
    ),
    "cifar10": ImageSet(
        description="photographs of ten kinds of things, 32x32 pixels, colour",
        image_shape=(3, 32, 32),
        num_classes=10,
        num_train=50_000,
        num_test=10_000,
        source="torchvision",
        files=(*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"),
        folders=("cifar-10-batches-py",),
        archive="cifar-10-python.tar.gz",
        remedy="put cifar-10-python.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html into the data "
        "folder, or download it there with torchvision (--download)",
    ),
    "cifar100": ImageSet(
        description="photographs of a hundred kinds of things, 32x32 pixels, colour",
        image_shape=(3, 32, 32),
        num_classes=100,
        num_train=50_000,
        num_test=10_000,
        source="torchvision",
        files=("train", "test"),
        folders=("cifar-100-python",),
        archive="cifar-100-python.tar.gz",
        remedy="put cifar-100-python.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html into the data "
        "folder, or download it there with torchvision (--download)",
    ),
    "imagenet": ImageSet(
        description="photographs of a thousand kinds of things, cut to 224x224 pixels, decoded while training",
        image_shape=(3, 224, 224),
        num_classes=1000,
        num_train=1_281_167,
        num_test=50_000,
        source="folder",
        files=(),
        subfolders=("train", "val"),
        folders=("imagenet", "ILSVRC2012", "."),
        remedy="put the unpacked images into imagenet/train/<class> and imagenet/val/<class> under the data folder "
        "(--data-dir); any set in this layout can stand there",
    ),
}


def image_set(name: str) -> ImageSet:
    """Returns the entry of that name.

    Raises:
        ValueError: no set has that name; the message gives the nearest, or all names.
    """
    if name not in IMAGE_SETS:
        near = nearest_name(name, list(IMAGE_SETS))
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(IMAGE_SETS)}"
        raise ValueError(f"dataset must be one of the catalogue, got {name=}: {hint}")
    return IMAGE_SETS[name]


def status(name: str, data_dir: Path | None) -> DatasetStatus:
    """Returns whether the files of the set are in the data folder, the system's folders or their package.

    Raises:
        ValueError: no set has that name.
    """
    entry = image_set(name)
    folders = _folders(entry, data_dir)
    archives = [data_dir / entry.archive] if entry.archive and data_dir else []
    found = next((folder for folder in folders if _holds_all(folder, entry)), None)
    if found is None:
        found = next((archive for archive in archives if archive.is_file()), None)
    return DatasetStatus(name=name, found=found, looked_in=(*folders, *archives), remedy=entry.remedy)


def locate(name: str, data_dir: Path | None) -> Path:
    """Returns the folder or archive that holds the set.

    Raises:
        DatasetMissing: it is not here.
        ValueError: no set has that name.
    """
    answer = status(name, data_dir)
    if answer.found is None:
        raise DatasetMissing(answer.explain())
    return answer.found


def _folders(entry: ImageSet, data_dir: Path | None) -> list[Path]:
    if entry.package:
        spec = find_spec(entry.package)  # finds the package without importing it
        roots = [Path(spec.origin).parent] if spec is not None and spec.origin is not None else []
    else:
        roots = [data_dir] if data_dir is not None else []
    inside = [root / folder for root in roots for folder in entry.folders]
    return [*inside, *(Path(folder) for folder in entry.system_folders)]


def _holds_all(folder: Path, entry: ImageSet) -> bool:
    if not all((folder / each).is_dir() for each in entry.subfolders):
        return False
    endings = ("", ".gz") if entry.may_be_gzipped else ("",)
    return all(any((folder / f"{file}{ending}").is_file() for ending in endings) for file in entry.files)
