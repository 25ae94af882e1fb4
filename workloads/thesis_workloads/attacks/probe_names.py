"""The names of the attacks that an audit compares. Standard library only, for those who only plan them."""

from collections.abc import Mapping

KNOWN_DRAW = "known-draw"
BINARISATION = "binarisation"
NO_GRADIENT = "no gradient"  # in the place of an attack's name, where the defence offers none to the probe
# What is changed of the plain attack: factors of its steps and draws, or the number of its starts.
VARIANTS: Mapping[str, Mapping[str, float]] = {
    "plain": {},
    "one-step": {"steps": 0.0},
    "steps-x2": {"steps": 2.0},
    "draws-x2": {"draws": 2.0},
    "restarts-x2": {"starts": 2.0},
    "noise": {},
    "gradient-free": {},
}
PROBES = (*VARIANTS, KNOWN_DRAW)
