"""The page of the comparison of encoders, from the rows that were measured."""

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from machine import describe_machine

from thesis.statistics.intervals import t_interval

Row = Mapping[str, object]
METRICS = {
    "salient": ("PSNR-S, own map", 2),
    "class": ("PSNR-S, R-CAM at 224", 2),
    "residual": ("PSNR-S, spectral residual", 2),
    "perfect": ("PSNR-S, true mask", 2),
    "psnr": ("PSNR", 2),
    "ssim": ("SSIM", 4),
    "psnr_hvsm": ("PSNR-HVS-M", 2),
    "ssimulacra2": ("SSIMULACRA2", 2),
}
OTHER_FORMATS = ("WebP", "AVIF")
_JUDGED = ("ours, automatic map", "ours, perfect map", "rate-distortion, price 32, flatness 0.5")
_PACKAGES = ("pillow", "pyvips", "pyjpegli", "mozjpeg-lossless-optimization", "ssimulacra2")
_PARTS = {
    "report": "Photographs to report on",
    "composites": "Composites, whose masks are known",
    "guetzli": "At the size of guetzli's file of its lowest quality, 84",
    "choose": "Photographs to choose settings by",
}


def write_page(rows: Sequence[Row], path: Path) -> None:
    """Writes a section for each part that was measured."""
    lines = [
        "# Content-aware JPEG and its peers at equal bytes",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=_PACKAGES),
        "",
        "Gains over plain JPEG of quality 50 (Pillow's tables, 4:2:0) behind the lossless optimiser, at that file's"
        " size: mean and 95 % interval over photographs, parts of one photograph averaged first. PSNR-S is over the"
        " pixels of a mask above 0.5. `bytes` is the mean size over the reference's, `bytes for equal PSNR-S` the"
        " geometric mean of the size at which an encoder has the reference's PSNR-S, by our own map (composites: by"
        " the true mask). WebP and AVIF need other decoders and stand there for context.",
        "",
        "Ours is rate-distortion with a price of 32 and a flatness of 0.5, in optimal coding, unless a rounding is"
        " named. Both numbers were chosen on the photographs of the last table, in whole or in part, and on none of"
        " the first. The mirrored map is a control: what it gains comes from flatter tables and the trellis, and"
        " only what the automatic map gains beyond it comes from the map. Size targets of ours are met from below,"
        " within 2 %.",
    ]
    for part, title in _PARTS.items():
        chosen = _unique([row for row in rows if row["part"] == part])
        if chosen:
            pictures, sources = ({str(row[key]) for row in chosen} for key in ("picture", "source"))
            lines += ["", f"## {title}", "", f"{len(pictures)} pictures of {len(sources)} photographs.", ""]
            lines += _table(chosen)
            lines += ["", *_winners(chosen)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _unique(rows: Sequence[Row]) -> list[Row]:
    return list({(row["picture"], row["encoder"]): row for row in rows}.values())


def _gains(rows: Sequence[Row], encoder: str, key: str, *, over: str = "reference") -> list[float]:
    """Returns for each photograph the mean over its parts of an encoder's value less another's."""
    base = {row["picture"]: row.get(key) for row in rows if row["encoder"] == over}
    found: dict[str, list[float]] = {}
    for row in rows:
        value, other = row.get(key), base.get(row["picture"])
        if row["encoder"] != encoder or not (isinstance(value, float) and isinstance(other, float)):
            continue
        if math.isfinite(value - other):
            found.setdefault(str(row["source"]), []).append(value - other)
    return [math.fsum(each) / len(each) for each in found.values()]


def _ratios(rows: Sequence[Row], encoder: str, key: str) -> list[float]:
    base = {row["picture"]: float(str(row["bytes"])) for row in rows if row["encoder"] == "reference"}
    return [
        math.log(float(str(row[key])) / base[row["picture"]])
        for row in rows
        if row["encoder"] == encoder and row.get(key)
    ]


def _table(rows: Sequence[Row]) -> list[str]:
    keys = [key for key in METRICS if any(key in row for row in rows)]
    encoders = list(dict.fromkeys(str(row["encoder"]) for row in rows if row["encoder"] != "reference"))
    titles = ["encoder", "bytes", *(METRICS[key][0] for key in keys)]
    has_curve = any("equal_bytes" in row for row in rows)
    titles += ["bytes for equal PSNR-S"] if has_curve else []
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for encoder in encoders:
        sizes = _ratios(rows, encoder, "bytes")
        cells = [encoder, f"{100 * (math.exp(math.fsum(sizes) / len(sizes)) - 1):+.1f} %"]
        cells += [_interval(_gains(rows, encoder, key), METRICS[key][1]) for key in keys]
        if has_curve:
            ratio = t_interval(_ratios(rows, encoder, "equal_bytes"))
            cells.append(
                ""
                if ratio is None
                else f"{_percent(ratio.mean)} ({_percent(ratio.low)} .. {_percent(ratio.high)})"
            )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _interval(values: Sequence[float], digits: int) -> str:
    found = t_interval(values)
    if found is None:
        return ""
    width = "" if found.half_width is None else f" ± {found.half_width:.{digits}f}"
    return f"{found.mean:+.{digits}f}{width}"


def _percent(logarithm: float) -> str:
    return f"{100 * (math.exp(logarithm) - 1):+.1f} %"


def _winners(rows: Sequence[Row]) -> list[str]:
    """Returns for each metric ours less the best peer, photograph by photograph, and less our own `keep`."""
    encoders = list(dict.fromkeys(str(row["encoder"]) for row in rows))
    rivals = [name for name in encoders if _is_peer(name)]
    mine = [name for name in encoders if name in _JUDGED]
    lines = [
        "Ours less the JPEG peer with the best mean, and less ours by `keep`, photograph by photograph:",
        "",
    ]
    for key, (title, digits) in METRICS.items():
        means = {name: mean for name in rivals if (mean := _mean(_gains(rows, name, key))) is not None}
        for name in mine:
            others = [max(means, key=lambda each: means[each])] if means else []
            others += [other for other in ("keep", "ours, rounding keep") if other in encoders]
            for other in others:
                gains = _gains(rows, name, key, over=other)
                if found := t_interval(gains):
                    verdict = (
                        "no difference"
                        if found.low <= 0 <= found.high
                        else ("ours" if found.low > 0 else other)
                    )
                    lines.append(f"- {title}: {name} less {other}: {_interval(gains, digits)} ({verdict}).")
    return lines


def _is_peer(name: str) -> bool:
    ours = name.startswith(("ours", "keep", "rate-distortion")) or name in ("jpeg", "reference")
    return not ours and name not in OTHER_FORMATS


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
