from pathlib import Path

import pytest

from thesis_workloads.datasets.images.photograph_parts import photographs_of_part
from thesis_workloads.datasets.images.photographs import Photograph


def photographs(count):
    return [Photograph(id=f"{number:03d}", path=Path("x"), label=number) for number in range(count)]


def ids(found):
    return [each.id for each in found]


def test_two_parts_share_nothing_and_together_are_all():
    every = photographs(50)
    val, test = (ids(photographs_of_part(every, part)) for part in ("val", "test"))
    assert len(val) == 20
    assert sorted(val + test) == ids(photographs_of_part(every, "all"))


def test_a_part_does_not_depend_on_the_order_it_is_listed_in():
    every = photographs(30)
    assert photographs_of_part(every, "val") == photographs_of_part(every[::-1], "val")


def test_a_part_is_drawn_from_everywhere():
    labels = [each.label for each in photographs_of_part(photographs(1000), "val")]
    assert 450 < sum(labels) / len(labels) < 550


@pytest.mark.parametrize(("part", "count"), [("train", 3), ("all", 2)])
def test_an_unknown_part_and_repeated_ids_are_refused(part, count):
    every = photographs(count) if part == "train" else photographs(1) * count
    with pytest.raises(ValueError, match=r"part must|ids of their own"):
        photographs_of_part(every, part)
