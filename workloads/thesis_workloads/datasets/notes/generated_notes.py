"""Notes written by a program about diseases of a real knowledge base, and articles about these diseases.

Nobody's record: patients, findings and diagnoses are drawn. What they share with real notes is what makes
the task: a long tail of diagnoses, one to many of them in a note, findings as often as they are seen in the
disease, said in other words than the articles use, and findings that are denied, which a bag of words
can't tell from those that are there. Every patient, note and article depends on the seed and its own
number alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thesis_workloads.datasets.notes.clinical_notes import NoteRecord
from thesis_workloads.datasets.notes.disease_knowledge import Disease, DiseaseKnowledge, Finding
from thesis_workloads.datasets.notes.knowledge_base import Article
from thesis_workloads.datasets.notes.label_removal import Phrases, clean_words, label_phrases

MAX_NAME_WORDS = 5
MAX_DIAGNOSES = 10
MORE_DIAGNOSES = 0.5  # probability of each further diagnosis of a note
FINDINGS_PER_DISEASE = 5  # mentioned at most, of those the patient has
DENIED_FINDINGS = 6
UNRELATED_FINDINGS = 3
OTHER_WORDS = 0.6  # probability that a finding is said by one of its synonyms
DEFINED_FINDINGS = 6  # findings that an article explains
SECOND_NOTE = 0.25  # probability that a patient has a second note

_BANDS = ((0.8, "Very frequent"), (0.3, "Frequent"), (0.0, "Occasional"))
_SEXES = (("man", "He"), ("woman", "She"))


@dataclass(frozen=True, kw_only=True)
class GeneratedSet:
    """Notes and the articles to read them with."""

    notes: tuple[NoteRecord, ...]
    articles: tuple[Article, ...]


def generate(
    knowledge: DiseaseKnowledge, *, num_notes: int, num_diseases: int, num_articles: int, seed: int
) -> GeneratedSet:
    """Returns notes about ``num_diseases`` diseases, and articles about these and others.

    Raises:
        ValueError: if there are fewer articles than diseases, or the knowledge base has not that many.
    """
    if not 2 <= num_diseases <= num_articles:
        raise ValueError(f"num_diseases must be in 2..{num_articles=}, got {num_diseases=}")
    pool = disease_pool(knowledge, seed=seed)
    if num_articles > len(pool):
        raise ValueError(f"num_articles must be at most {len(pool)}, got {num_articles=}")
    diseases = pool[:num_diseases]
    phrases = Phrases(phrase for disease in diseases for phrase in label_phrases(disease.name))
    notes: list[NoteRecord] = []
    patient = 0
    while len(notes) < num_notes:
        notes += patient_notes(patient, knowledge, diseases, phrases, seed=seed)
        patient += 1
    articles = tuple(write_article(disease, knowledge) for disease in pool[:num_articles])
    return GeneratedSet(notes=tuple(notes[:num_notes]), articles=articles)


def disease_pool(knowledge: DiseaseKnowledge, *, seed: int) -> tuple[Disease, ...]:
    """Returns the diseases with a short name without a number, one of each name, in an order of the seed."""
    by_name: dict[str, Disease] = {}
    for disease in knowledge.diseases:
        name = disease.name.lower()
        if len(name.split()) <= MAX_NAME_WORDS and name.isascii() and not any(map(str.isdigit, name)):
            by_name.setdefault(name, disease)
    return tuple(sorted(by_name.values(), key=lambda disease: _order(disease.identifier, seed)))


def patient_notes(
    patient: int, knowledge: DiseaseKnowledge, diseases: Sequence[Disease], phrases: Phrases, *, seed: int
) -> list[NoteRecord]:
    """Returns the one or two notes of a patient; both are about the same diagnoses."""
    draws = np.random.default_rng((seed, patient))
    chosen = _diagnoses(diseases, draws)
    num_notes = 1 + int(draws.random() < SECOND_NOTE)
    return [
        NoteRecord(
            patient=f"generated-{patient}",
            words=clean_words(write_note(chosen, diseases, knowledge, draws), phrases),
            diagnoses=frozenset(disease.name for disease in chosen),
        )
        for _ in range(num_notes)
    ]


def _diagnoses(diseases: Sequence[Disease], draws: np.random.Generator) -> list[Disease]:
    """Returns one to many diseases: the k-th of the pool is drawn in proportion to 1/k."""
    count = min(int(draws.geometric(1 - MORE_DIAGNOSES)), MAX_DIAGNOSES, len(diseases))
    weights = 1 / np.arange(1, len(diseases) + 1)
    places = draws.choice(len(diseases), size=count, replace=False, p=weights / weights.sum())
    return [diseases[place] for place in places]


def write_note(
    chosen: Sequence[Disease],
    diseases: Sequence[Disease],
    knowledge: DiseaseKnowledge,
    draws: np.random.Generator,
) -> str:
    """Returns a discharge summary of somebody with the chosen diseases, its diagnoses named at the end."""
    present = [finding for disease in chosen for finding in _seen(disease, knowledge, draws)]
    others = [diseases[place] for place in draws.choice(len(diseases), size=4)]
    unrelated = [finding for disease in others for finding in _seen(disease, knowledge, draws)]
    draws.shuffle(unrelated)  # type: ignore[arg-type]
    extra, denied = unrelated[:UNRELATED_FINDINGS], unrelated[UNRELATED_FINDINGS:][:DENIED_FINDINGS]
    present += extra
    draws.shuffle(present)  # type: ignore[arg-type]
    said = [paraphrase_finding(finding, draws) for finding in present]
    noun, pronoun = _SEXES[int(draws.integers(2))]
    age = int(draws.integers(1, 90))
    half = (len(said) + 1) // 2
    names = "\n".join(f"{number}. {disease.name}" for number, disease in enumerate(chosen, start=1))
    return (
        f"Service: Medicine\n\nChief Complaint:\n{said[0] if said else 'review'}\n\n"
        f"History of Present Illness:\nThis is a {age}-year-old {noun} who presented with"
        f" {', '.join(said[:half])}. {pronoun} denied {', '.join(paraphrase_finding(f, draws) for f in denied)}."
        f" {chosen[0].name} had been considered before admission.\n\n"
        f"Physical Exam:\n{'. '.join(said[half:]) or 'unremarkable'}.\n\n"
        f"Discharge Diagnosis:\n{names}\n\nDischarge Condition:\nStable.\n"
    )


def _seen(disease: Disease, knowledge: DiseaseKnowledge, draws: np.random.Generator) -> list[Finding]:
    """Returns findings that this patient has, each with its frequency, at most so many of them."""
    shares = np.array([share for _, share in disease.findings])
    has = np.flatnonzero(draws.random(len(shares)) < shares)
    draws.shuffle(has)
    return [knowledge.findings[disease.findings[place][0]] for place in has[:FINDINGS_PER_DISEASE]]


def paraphrase_finding(finding: Finding, draws: np.random.Generator) -> str:
    """Returns the finding's name or, more often than not, one of its synonyms."""
    if finding.synonyms and draws.random() < OTHER_WORDS:
        return finding.synonyms[int(draws.integers(len(finding.synonyms)))]
    return finding.name


def write_article(disease: Disease, knowledge: DiseaseKnowledge) -> Article:
    """Returns an article: the findings by frequency under their own names, the commonest explained."""
    lines = [f"{disease.name} is a condition with {len(disease.findings)} described findings."]
    ceiling = 2.0
    for floor, words in _BANDS:
        names = [knowledge.findings[key].name for key, share in disease.findings if floor <= share < ceiling]
        if names:
            lines.append(f"{words} signs and symptoms: {', '.join(names)}.")
        ceiling = floor
    lines += [knowledge.findings[key].definition for key, _ in disease.findings[:DEFINED_FINDINGS]]
    return Article(title=disease.name, text="\n".join(line for line in lines if line))


def _order(identifier: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed} {identifier}".encode(), digest_size=8).digest()
