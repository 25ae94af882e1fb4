"""The words of a report that a reader meets for the first time, explained where they first stand."""

from thesis.paper.verdicts import ClaimVerdict, Verdict
from thesis.results.measured_tables import EXACT, SEED, MeasuredTable

MEANINGS: dict[Verdict, str] = {
    "holds": "every comparison that was measured is shown to be true",
    "does not hold": "a comparison, or the mean of all of them, is shown to be false",
    "undecided": "the samples leave open whether it is true; the claim says how many would show it",
    "not run": "nothing of it was measured here",
}
READING = (
    "A comparison is shown to be true or false where its 95 % interval lies wholly on one side: over the seeds,"
    " images or sentence pairs that the compared numbers share, as in a paired t test. Its margin is by how much it"
    " is true, in the unit of what is compared; below zero it is false. A claim of several comparisons is refuted"
    " only after Holm's correction for their number. A printed value counts as one run: it is compared with the"
    " interval in which one more run would lie. “The published 4.3 is excluded” means that a difference as large as"
    " the printed one lies outside the interval, whatever its sign turns out to be. “Equal within ±0.5” means that"
    " two one-sided tests exclude any difference that would matter. “Judged on 6 of 18” means that the other"
    " comparisons could not be measured here. p is the chance of such a verdict if nothing were true; “over all"
    " claims” corrects it for the number of claims in this report (Benjamini and Hochberg). Scale and data stand"
    " next to each verdict: it is about those data, not about the dissertation's own, unless it says so."
)
LOOKS = (
    "Seeds were added to some tables where the first ones left claims undecided; their intervals and p values hold"
    " however often one looks (a Bayes factor that is an e-process, see thesis.paper.sequential)."
)


def coverage_words(found: ClaimVerdict) -> str:
    """Returns on how many of its comparisons a claim was judged; nothing where on all."""
    done, planned = found.coverage
    return f"judged on {done} of {planned}" if 0 < done < planned else ""


def p_words(found: ClaimVerdict) -> str:
    """Returns the p value, raw and corrected over all claims."""
    if found.p_value is None:
        return ""
    over_all = "" if found.p_adjusted is None else f", over all claims {p_text(found.p_adjusted)}"
    return f"p {p_text(found.p_value)}{over_all}"


def p_text(value: float) -> str:
    """Returns a p value with two digits."""
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


def covered_words(table: MeasuredTable) -> str:
    """Returns a sentence on what the table's intervals cover and leave out."""
    units = {cell.unit for row in table.rows for cell in row.cells.values()} - {EXACT}
    words = []
    if SEED in units:
        words.append("over seeds, on one fixed set of test items: another set is not covered")
    words += [f"over {unit}s, of one run: other seeds are not covered" for unit in sorted(units - {SEED})]
    return f"Intervals are {'; '.join(words)}." if words else ""
