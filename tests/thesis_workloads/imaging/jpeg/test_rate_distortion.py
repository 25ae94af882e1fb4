"""The choice of coefficients, against every choice there is."""

import itertools

import numpy as np
import pytest

from thesis_workloads.imaging.jpeg.code_lengths import CodeLengths, code_lengths
from thesis_workloads.imaging.jpeg.mosaic import Coefficients
from thesis_workloads.imaging.jpeg.rate_distortion import choose_coefficients
from thesis_workloads.imaging.jpeg.scan import count_bits
from thesis_workloads.imaging.jpeg.tables import tables_of_scale

SCALE = 0.5


def band(blocks):
    """Returns a grey band of blocks, each a dict from place 1..63 to an exact value."""
    places = [64 * number + place for number, block in enumerate(blocks) for place in sorted(block)]
    values = [block[place] for block in blocks for place in sorted(block)]
    places = np.array(places, dtype=np.int64)
    return Coefficients(
        first=np.zeros(len(blocks), dtype=np.float32),
        before=np.zeros(1, dtype=np.float32),
        places=places,
        cells=places & 63,
        values=np.array(values, dtype=np.float32),
    )


def lengths(seed=0):
    generator = np.random.default_rng(seed)
    return CodeLengths(
        further=generator.uniform(1, 16, (2, 1024)).astype(np.float32), end=np.array([3, 2], dtype=np.float32)
    )


def cost_of(block, chosen, price, codes):
    """Squared error plus price times bits of whole values ``{place: value}``, by the definition."""
    steps = tables_of_scale(SCALE)[0]
    error = sum((value - chosen.get(place, 0) * steps[place]) ** 2 for place, value in block.items())
    bits, last = 0.0, 0
    for place in sorted(place for place, value in chosen.items() if value):
        bits += codes.further[0, (place - last - 1) << 4 | abs(chosen[place]).bit_length()]
        last = place
    return error + price * (bits + (codes.end[0] if last != 63 else 0))


def choices(value, step):
    whole = int(np.rint(abs(value) / step))
    lower = (1 << max(whole.bit_length() - 1, 0)) - 1
    return {0, whole, lower}


@pytest.mark.parametrize("price", [1.0, 20.0, 200.0])
def test_no_other_choice_of_a_block_costs_less(price):
    generator, codes, steps = np.random.default_rng(1), lengths(), tables_of_scale(SCALE)[0]
    for count in (1, 2, 3, 5):
        for _ in range(6):
            places = sorted(generator.choice(np.arange(1, 64), count, replace=False).tolist())
            block = {place: float(generator.normal(0, 4 * steps[place])) for place in places}
            found = choose_coefficients(band([block]), SCALE, np.array([price], dtype=np.float32), codes)
            taken = {
                int(place) & 63: int(np.rint(value / steps[int(place) & 63]))
                for place, value in zip(found.places, found.values, strict=True)
            }
            ours = cost_of(block, taken, price, codes)
            options = [choices(block[place], steps[place]) for place in places]
            least = min(
                cost_of(
                    block,
                    {
                        place: int(np.sign(block[place])) * value
                        for place, value in zip(places, values, strict=True)
                    },
                    price,
                    codes,
                )
                for values in itertools.product(*options)
            )
            assert ours == pytest.approx(least, rel=1e-4)


def test_where_bits_cost_nothing_every_coefficient_is_rounded_and_where_they_cost_all_none_is_left():
    block = {1: 40.0, 2: -17.0, 9: 90.0, 63: 300.0}
    steps = tables_of_scale(SCALE)[0]
    free = choose_coefficients(band([block]), SCALE, np.zeros(1, dtype=np.float32), lengths())
    assert free.values.tolist() == [np.rint(value / steps[at]) * steps[at] for at, value in block.items()]
    dear = choose_coefficients(band([block]), SCALE, np.full(1, 1e9, dtype=np.float32), lengths())
    assert len(dear.values) == 0


def test_a_block_does_not_depend_on_the_blocks_next_to_it():
    generator = np.random.default_rng(2)
    blocks = [
        {
            int(place): float(generator.normal(0, 60))
            for place in generator.choice(63, count, replace=False) + 1
        }
        for count in (0, 3, 40, 63, 1, 12)
    ]
    prices = np.array([5, 50, 5, 20, 1, 90], dtype=np.float32)
    whole = choose_coefficients(band(blocks), SCALE, prices, lengths())
    for number, block in enumerate(blocks):
        alone = choose_coefficients(band([block]), SCALE, prices[[number]], lengths())
        assert (whole.values[whole.places >> 6 == number] == alone.values).all()


def test_the_lengths_of_codes_are_those_of_their_frequencies():
    part = band([{1: 10.0}, {1: 10.0}, {1: 10.0}, {1: 200.0}])
    found = code_lengths([part], SCALE)
    # Eight symbols: the end of each block, three small values and one large one.
    assert found.end[0] == pytest.approx(1)
    assert found.further[0, 0 << 4 | 2] == pytest.approx(np.log2(8 / 3) + 2)
    assert count_bits([part], SCALE) > 0
