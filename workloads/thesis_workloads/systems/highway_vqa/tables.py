"""Tables 6.1, 5.7 and 5.8 as declared runs of the networks that answer questions: data only.

What the dissertation leaves open, and what is declared:
- Table 6.1 is of VQA v1's test-dev and test-std, whose answers were never published: at scale ``paper`` the
  official validation part stands for both, and there is one column for it. The rows of other authors' methods
  are not run.
- The controls of section 6.1 (random words, other orders, the reversed question appended) and the question kinds
  are in the same declaration, since they compare with the same run.
- The claim that any order of the words works about as well is judged with one projection of words for all layers.
  With one per layer, which is the default, a word acts through the matrix of its place: an order can't be
  irrelevant there, whatever is trained. Both readings are run: ``accuracy(word_order=...)`` is that of the shared
  projection, and ``accuracy(projection="layer", words_in=...)`` is a quantity without a claim.
- Positive control: on questions that need the image (`thesis_workloads.systems.highway_vqa.image_needed`),
  what sees one
  side only must stay near chance and the models must not. Features that carry nothing, or a network that
  ignores them, would show there.
- Random words are drawn again every epoch: a network that meets the same ones learns its training questions by them.
- Tables 5.7 and 5.8 take Inception-v1 trained on ImageNet with and without RePr. At ``smoke`` and ``small`` a
  small residual network is trained on generated single shapes by both schemes, and asked about generated scenes
  of several. At ``paper`` the two weights files are the user's own.
- Table 5.7 shows two samples; the mean confidence in the right answer over all test questions is declared.
"""

from typing import Any

from thesis_workloads.contract.tables import DeclaredRuns, RunCell

Overrides = dict[str, Any]
_SET = "vqav1"
_SEEDS = {"smoke": 1, "small": 3, "paper": 3}
_SEEDS_61 = {"smoke": 1, "small": 5, "paper": 5}
_PUBLISHED = ("vqa-v1",)
_SMOKE: Overrides = {"num_images": 200, "num_val_images": 50, "epochs": 2}
_PAPER: Overrides = {
    "num_val_images": 4000,
    "width": 2048,
    "word_dim": 300,
    "image_size": 224,
    "epochs": 50,
    "batch_size": 500,
    "learning_rate": 1e-3,
    "dropout": 0.5,
}
_METHODS: dict[str, Overrides] = {
    "lstm-q+i": {"model": "lstm-q+i"},
    "image-only": {"model": "image"},
    "question-only": {"model": "question"},
    "q+i": {"model": "q+i"},
    "highway-vqa": {},
}
_CONTROLS: dict[str, Overrides] = {
    "random words": {"words": "random"},
    "shuffled": {"word_order": "shuffled"},
    "shared projection": {"projection": "shared"},
    "shared projection, shuffled": {"projection": "shared", "word_order": "shuffled"},
    "forward+reversed": {"question": "forward+reversed"},
    "padded with zeros": {"padding": "zeros"},
    "two words a layer": {"words_per_layer": 2},
}
_COLUMNS = {
    "oe_dev_all": "test/accuracy",
    "oe_dev_yes_no": "test/accuracy_yes_no",
    "oe_dev_other": "test/accuracy_other",
    "oe_dev_number": "test/accuracy_number",
    "mc_all": "test/accuracy_multiple_choice",
}
_BACKBONES: dict[str, Overrides] = {
    "standard": {"backbone": "trained-standard", "backbone_weights": "googlenet-standard.pth"},
    "repr-ortho": {"backbone": "trained-repr", "backbone_weights": "googlenet-repr.pth"},
}
# The files are read at `paper` alone, where the backbone is Inception-v1.
_BACKBONE_LIMITS: dict[str, Overrides] = {"paper": {"backbone": "googlenet"}}
_ASKED = {"all": "", "yes_no": "_yes_no", "other": "_other", "number": "_number"}
_SCENES: dict[str, Overrides] = {
    "smoke": {**_SMOKE, "model": "lstm-q+i", "image_size": 32, "grid": 4},
    "small": {"num_images": 1500, "model": "lstm-q+i", "image_size": 32, "grid": 4},
    "paper": {**_PAPER, "model": "lstm-q+i"},
}
_SCENE_DATA: dict[str, dict[str, str | Overrides]] = {
    "smoke": {_SET: "scenes"},
    "small": {_SET: "scenes"},
    "paper": {_SET: "vqa-v1"},
}
_SCENE_NOTES = (
    "the backbone is a ResNet-8 trained on 720 generated images of a single shape, at 32 pixels, not Inception-v1"
    " on ImageNet; standard and RePr share epochs, first weights and order of images",
)


def _quantity(column: str, arguments: dict[str, str], run: str, **changes: Any) -> RunCell:
    return RunCell(row=arguments, column=column, run=run, dataset=_SET, is_quantity=True, **changes)


_TIME = {"metric": "time/epoch_s", "factor": 1.0, "pick": "mean"}
_QUANTITIES = (
    _quantity("accuracy", {"words": "question"}, "highway-vqa"),
    _quantity("accuracy", {"words": "random"}, "random words"),
    _quantity("accuracy", {"word_order": "original"}, "shared projection"),
    _quantity("accuracy", {"word_order": "shuffled"}, "shared projection, shuffled"),
    _quantity("accuracy", {"question": "forward"}, "highway-vqa"),
    _quantity("accuracy", {"question": "forward+reversed"}, "forward+reversed"),
    _quantity("training_time", {"question": "forward"}, "highway-vqa", **_TIME),
    _quantity("training_time", {"question": "forward+reversed"}, "forward+reversed", **_TIME),
)

# Quantities of no claim: what a fault of ours would show in.
CONTROLS = (
    _quantity("accuracy", {"projection": "layer", "words_in": "original order"}, "highway-vqa"),
    _quantity("accuracy", {"projection": "layer", "words_in": "another order"}, "shuffled"),
    *(
        _quantity(
            "accuracy",
            {"method": run, "questions": "need the image"},
            run,
            metric="test/accuracy_image_needed",
        )
        for run in _METHODS
    ),
)

DECLARED: dict[str, DeclaredRuns] = {
    "table-6.1": DeclaredRuns(
        title="Multimodal highway networks beside what sees less, and under controls",
        table="table-6.1",
        system="highway-vqa",
        runs={**_METHODS, **_CONTROLS},
        cells=(
            *(
                RunCell(row={"method": run}, column=column, run=run, dataset=_SET, metric=metric)
                for run in _METHODS
                for column, metric in _COLUMNS.items()
            ),
            *_QUANTITIES,
            *CONTROLS,
        ),
        settings={
            "smoke": _SMOKE,
            "small": {"num_images": 1500},
            "paper": {**_PAPER, "backbone": "resnet152", "backbone_weights": "resnet152.pth", "depth": 20},
        },
        data={
            "smoke": {_SET: "easy-vqa"},
            "small": {_SET: "easy-vqa"},
            "paper": {_SET: "vqa-v1"},
        },
        num_seeds=_SEEDS_61,
        published_data=_PUBLISHED,
        notes=("tested on the part of VQA v1 whose answers are published (val2014), or on the set's own",),
    ),
    "table-5.7": DeclaredRuns(
        title="Confidence in the right answer with features of a standard and of a RePr-trained network",
        table="table-5.7",
        system="highway-vqa",
        runs=_BACKBONES,
        limits=_BACKBONE_LIMITS,
        cells=tuple(
            _quantity(
                "confidence",
                {"answer": "the right one", "training": training},
                run,
                metric="test/confidence",
                factor=1.0,
            )
            for run, training in {"standard": "standard", "repr-ortho": "repr"}.items()
        ),
        settings=_SCENES,
        data=_SCENE_DATA,
        num_seeds=_SEEDS,
        published_data=_PUBLISHED,
        paper_system="repr",
        notes=_SCENE_NOTES,
    ),
    "table-5.8": DeclaredRuns(
        title="Questions answered with features of a standard and of a RePr-trained network",
        table="table-5.8",
        system="highway-vqa",
        runs=_BACKBONES,
        limits=_BACKBONE_LIMITS,
        cells=tuple(
            RunCell(
                row={"training": run}, column=column, run=run, dataset=_SET, metric=f"test/accuracy{suffix}"
            )
            for run in _BACKBONES
            for column, suffix in _ASKED.items()
        ),
        settings=_SCENES,
        data=_SCENE_DATA,
        num_seeds=_SEEDS,
        published_data=_PUBLISHED,
        notes=_SCENE_NOTES,
    ),
}
