"""The printed tables' own verdicts."""

import pytest

from thesis.paper.printed_numbers import printed_verdict
from thesis.paper.reference import read_reference

CLAIMS = read_reference().claims


def in_order(exceptions):
    return sorted(sorted(map(str, found.items())) for found in exceptions)


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.id)
def test_the_printed_verdict_and_its_exceptions_are_reproduced(claim, reference):
    found = printed_verdict(claim, reference)
    assert (found.verdict, in_order(found.exceptions)) == (claim.printed, in_order(claim.exceptions))
