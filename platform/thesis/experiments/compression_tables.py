"""Table 2.1 and figure 2.5 as declared measurements: data only.

The text's own sets (Kodak, MIT Saliency, one picture of 8705 x 8400) are not shipped; photographs that
installed packages carry stand in for Kodak and, scaled to several sizes, for the large picture of figure 2.5.
Outdoor scenes of the MIT set and its categories (figure 2.6) have no stand-in. The second encoder,
``ms-roi-keep``, is ours and in no published table.
"""

from typing import Any

from thesis.experiments.declared import DeclaredMeasurement, MeasureCost, Overrides

_SCALES = ("smoke", "small", "paper")
_COUNTS = {"smoke": 3, "small": 0, "paper": 0}  # 0 takes all
_NOTES = (
    "PSNR-S is PSNR over the pixels whose map is above 0.5.",
    "The map is that of a pretrained classifier's last feature maps, not of a network trained on Caltech-256.",
    "JPEG at 4:2:0 with standard Huffman tables in both encoders; the plain one at quality 50.",
)
_COST = {scale: MeasureCost(core_hours=0.05) for scale in _SCALES}


def _settings(**more: Any) -> dict[str, Overrides]:
    return {scale: {"quality": 50, "max_images": _COUNTS[scale], **more} for scale in _SCALES}


DECLARED: dict[str, DeclaredMeasurement] = {
    "table-2.1": DeclaredMeasurement(
        title="Content-aware and plain JPEG at equal size",
        table="table-2.1",
        system="msroi",
        settings=_settings(sizes=()),
        num_seeds=dict.fromkeys(_SCALES, 1),
        cost=_COST,
        notes=_NOTES,
    ),
    "figure-2.5": DeclaredMeasurement(
        title="PSNR-HVS gain of content-aware JPEG against the size of the image",
        table="figure-2.5",
        system="msroi",
        settings=_settings(sizes=(0.25, 0.35, 0.5, 0.7, 1.0)),
        num_seeds=dict.fromkeys(_SCALES, 1),
        cost=_COST,
        paper_system="ms-roi",
        notes=_NOTES,
    ),
}
