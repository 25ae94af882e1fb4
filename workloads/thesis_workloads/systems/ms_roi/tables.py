"""Table 2.1 and figures 2.2 to 2.6, 3.2b and 3.3 as declared measurements: data only.

The dissertation's own sets (Kodak, MIT Saliency, one image of 8705 x 8400) are not shipped; photographs that
installed packages carry stand in for Kodak and, scaled to several sizes, for the large image of figure 2.5.
Outdoor scenes of the MIT set have no stand-in; five of its categories (figure 2.6) have, of few images each.
The maps' figures show shipped photographs, not the dissertation's images; human fixations (figure 2.2) are missing.
The encoders ``ms-roi-keep`` and ``ms-roi-rate-distortion`` are ours and in no published table; the latter is compared
with ``std-jpeg-optimal``, both in optimal coding.
"""

from typing import Any

from thesis_workloads.contract.tables import Curves, DeclaredMeasurement, MeasureCost, Overrides

_SCALES = ("smoke", "small", "paper")
_EVALUATED = {  # photographs at most and photographs computed together, as an evaluation of chapter 4 has them
    "smoke": {"max_images": 4, "chunk_size": 2},
    "small": {"max_images": 20, "chunk_size": 4},
    "paper": {"max_images": 1000, "chunk_size": 10},
}
_COUNTS = {"smoke": 3, "small": 0, "paper": 0}  # 0 takes all
_NOTES = (
    "PSNR-S is PSNR over the pixels whose map is above 0.5.",
    "The map is that of a pretrained classifier's last feature maps, not of a network trained on Caltech-256.",
    "JPEG at 4:2:0 with standard Huffman tables in both encoders; the plain one at quality 50."
    " Only std-jpeg-optimal and ms-roi-rate-distortion have optimal coding.",
)
_ATTACKS_COST = {
    scale: MeasureCost(core_hours=hours) for scale, hours in zip(_SCALES, (0.02, 0.3, 0.3), strict=True)
}
_COST = {scale: MeasureCost(core_hours=0.05) for scale in _SCALES}


def _settings(**more: Any) -> dict[str, Overrides]:
    return {scale: {"quality": 50, "max_images": _COUNTS[scale], **more} for scale in _SCALES}


_ONCE = dict.fromkeys(_SCALES, 1)
_FIVE = tuple(f"{name}@0.02" for name in ("igsm", "fgsm", "gradient", "deepfool", "jsma"))  # of figure 3.2b


def _maps(photographs: tuple[str, ...], maps: tuple[str, ...], *, is_upright: bool) -> dict[str, Overrides]:
    settings = {"photographs": photographs, "maps": maps, "is_upright": is_upright}
    return dict.fromkeys(_SCALES, settings)


def _attacked(**more: Any) -> dict[str, Overrides]:
    attacks = {"smoke": _FIVE[:2], "small": _FIVE, "paper": _FIVE}
    return {
        scale: {
            # As an evaluation at that scale has them, so that both use the same adversarial images.
            "max_images": _EVALUATED[scale]["max_images"],
            "chunk_size": _EVALUATED[scale]["chunk_size"],
            "attack_scale": scale,
            "attacks": attacks[scale],
            **more,
        }
        for scale in _SCALES
    }


_FIGURES = (
    DeclaredMeasurement(
        title="Maps of photographs with several objects: CAM and MS-ROI",
        table="figure-2.2",
        system="ms-roi",
        settings=_maps(
            ("astronaut", "coffee", "imagenet_09_455", "chelsea"), ("cam", "ms-roi"), is_upright=False
        ),
        num_seeds=_ONCE,
        cost=_COST,
        notes=(*_NOTES[1:2], "Salient is the part of a photograph whose map is above 0.5."),
    ),
    DeclaredMeasurement(
        title="From a map to the file",
        table="figure-2.3",
        system="ms-roi",
        settings={scale: {"photographs": ("chelsea",), "quality": 50} for scale in _SCALES},
        num_seeds=_ONCE,
        cost=_COST,
        notes=_NOTES[1:],
    ),
    DeclaredMeasurement(
        title="Maps of five photographs",
        table="figure-2.4",
        system="ms-roi",
        settings=_maps(
            ("chelsea", "coffee", "flower", "rocket", "motorcycle_left"), ("ms-roi",), is_upright=True
        ),
        num_seeds=_ONCE,
        cost=_COST,
        notes=_NOTES[1:2],
    ),
    DeclaredMeasurement(
        title="PSNR-HVS gain of content-aware JPEG by category of picture",
        table="figure-2.6",
        system="ms-roi",
        settings=_settings(),
        num_seeds=_ONCE,
        cost=_COST,
        notes=_NOTES[1:],
        curves=(Curves(x="category", x_label="category", y="psnr_hvs_gain", y_label="PSNR-HVS gain, dB"),),
    ),
    DeclaredMeasurement(
        title="Where the objects are, and where attacks change images",
        table="figure-3.2b",
        system="aug-ms-roi",
        settings=_attacked(),
        num_seeds=_ONCE,
        cost=_ATTACKS_COST,
    ),
    DeclaredMeasurement(
        title="Maps of attacked photographs: MS-ROI and Aug-MSROI",
        table="figure-3.3",
        system="aug-ms-roi",
        settings=_attacked(num_perturbations=5, perturbation_scale=0.2),
        num_seeds=_ONCE,
        cost=_ATTACKS_COST,
    ),
)
DECLARED: dict[str, DeclaredMeasurement] = {
    **{each.table: each for each in _FIGURES},
    "table-2.1": DeclaredMeasurement(
        title="Content-aware and plain JPEG at equal size",
        table="table-2.1",
        system="ms-roi",
        settings=_settings(sizes=()),
        num_seeds=dict.fromkeys(_SCALES, 1),
        cost=_COST,
        notes=_NOTES,
    ),
    "figure-2.5": DeclaredMeasurement(
        title="PSNR-HVS gain of content-aware JPEG against the size of the image",
        table="figure-2.5",
        system="ms-roi",
        settings=_settings(sizes=(0.25, 0.35, 0.5, 0.7, 1.0)),
        num_seeds=dict.fromkeys(_SCALES, 1),
        cost=_COST,
        notes=_NOTES,
    ),
}
