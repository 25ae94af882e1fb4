"""MSCOCO captions (Lin et al. 2014): ``captions_train2014.json`` and ``captions_val2014.json`` as published.

Captions are cut, not left out, after ``max_length`` words (section 7.4.1: 15).
"""

from pathlib import Path
from typing import Any

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.text.pair_lines import LineCounts, RejectReason
from thesis_workloads.datasets.text_file import read_json
from thesis_workloads.text.tokens import split_words


def read_captions(path: Path, counts: LineCounts, *, max_length: int) -> list[tuple[str, ...]]:
    """Returns the captions of every image, images by number and captions in the order of the file.

    An entry without a caption is counted as malformed. ``max_length`` 0 cuts nothing.

    Raises:
        DatasetDamaged: if the file is not a list of annotations.
    """
    try:
        annotations = read_json(path)["annotations"]
    except (KeyError, TypeError) as error:
        raise DatasetDamaged(f"{path} must be a captions file with 'annotations', got {error!r}") from error
    if not isinstance(annotations, list):
        raise DatasetDamaged(f"{path} must have a list of annotations, got {type(annotations).__name__}")
    by_image: dict[int, list[str]] = {}
    for number, entry in enumerate(annotations, start=1):
        words = _words(entry)
        image = entry.get("image_id") if isinstance(entry, dict) else None
        is_good = bool(words) and isinstance(image, int)
        answer = ("", "") if is_good else RejectReason.MALFORMED
        counts.note(answer, file=path.name, line=number, text=str(entry))
        if is_good and isinstance(image, int):
            by_image.setdefault(image, []).append(" ".join(words[:max_length] if max_length else words))
    return [tuple(by_image[image]) for image in sorted(by_image)]


def _words(entry: Any) -> list[str]:
    caption = entry.get("caption") if isinstance(entry, dict) else None
    return split_words(caption) if isinstance(caption, str) else []
