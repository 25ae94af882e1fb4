"""How many inputs a property is tried on: a few hundred in the suite, more where the environment asks for it.

THESIS_MANY_INPUTS=4000 tries every property on 4,000; the seed is fixed, so that a run says the same every time.
"""

import os

from hypothesis import HealthCheck, settings

many_inputs = settings(
    max_examples=int(os.environ.get("THESIS_MANY_INPUTS", "150")),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
