"""Notes on a dataset that stand next to every result on it."""

DATA_NOTES: dict[str, str] = {
    "digits": "digits is nearly saturated: 1-nearest neighbour on the pixels of 300 training images reaches 96.1 % of"
    " the test part, with 30 % label noise 70.8 % (5-nearest 89.0 %).",
}
