"""Table 5.9 as declared runs of the detector: data only."""

from thesis_workloads.contract.tables import DeclaredRuns, Overrides, RunCell
from thesis_workloads.systems.repr.detection.experiment import DETECTION
from thesis_workloads.systems.repr.settings import STANDARD

_DETECTORS: dict[str, Overrides] = {
    f"r{depth}_{column}": {"backbone": f"resnet-{depth}", "head": head}
    for depth in (50, 101)
    for column, head in {"rpn": "c4", "fpn": "fpn"}.items()
}

DECLARED: dict[str, DeclaredRuns] = {
    "table-5.9": DeclaredRuns(
        title="Faster R-CNN with a backbone from standard and from RePr training",
        table="table-5.9",
        system="detection",
        runs={
            f"{column}-{name}": {**detector, **scheme}
            for column, detector in _DETECTORS.items()
            for name, scheme in {"standard": STANDARD, "repr-ortho": {}}.items()
        },
        cells=tuple(
            RunCell(
                row={"training": name},
                column=column,
                run=f"{column}-{name}",
                dataset="coco",
                metric="test/map",
            )
            for column in _DETECTORS
            for name in ("standard", "repr-ortho")
        ),
        settings={scale: DETECTION.scales[scale] for scale in ("smoke", "small", "paper")},
        data={"smoke": {"coco": "shapes"}, "small": {"coco": "shapes"}, "paper": {"coco": "coco"}},
        num_seeds={"smoke": 1, "small": 3, "paper": 1},
        limits={scale: {"backbone": "resnet-10"} for scale in ("smoke", "small")},
        only=dict.fromkeys(
            ("smoke", "small"),
            tuple(f"r50_{neck}-{name}" for neck in ("rpn", "fpn") for name in ("standard", "repr-ortho")),
        ),
        published_data=("coco",),
        notes=(
            "RePr acts on the backbone while the detector trains. Name a backbone that RePr has trained on "
            "ImageNet with --set pretrained=FILE.",
            "On generated shapes the backbone is a residual network of ten layers, 16 to 128 filters wide, "
            "trained from random weights.",
        ),
    ),
}
