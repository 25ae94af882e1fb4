import dataclasses

import numpy as np
import pytest

from thesis_workloads.datasets.notes.clinical_notes import assemble, commonest_diagnoses, split_by_patient
from thesis_workloads.datasets.notes.disease_knowledge import Disease, DiseaseKnowledge, Finding
from thesis_workloads.datasets.notes.generated_notes import (
    disease_pool,
    generate,
    paraphrase_finding,
    write_article,
    write_note,
)
from thesis_workloads.datasets.notes.label_removal import label_phrases

LETTERS = "abcdefghijklmnopqrst"


def make_knowledge():
    findings = {
        f"HP:{number}": Finding(
            name=f"sign{letter}", synonyms=(f"lay{letter}",), definition=f"what {letter} is"
        )
        for number, letter in enumerate(LETTERS)
    }
    diseases = tuple(
        Disease(
            identifier=f"ORPHA:{number}",
            name=f"{letter}itis chronica",
            findings=tuple((f"HP:{(number + step) % 20}", 1 / (1 + step)) for step in range(12)),
        )
        for number, letter in enumerate(LETTERS)
    )
    return DiseaseKnowledge(findings=findings, diseases=diseases, version="v1")


KNOWLEDGE = make_knowledge()
SIZES = {"num_diseases": 10, "num_articles": 15, "seed": 0}


def test_a_note_depends_on_the_seed_and_its_patient_alone():
    few, many = (generate(KNOWLEDGE, num_notes=count, **SIZES).notes for count in (20, 60))
    assert [note.words for note in few] == [note.words for note in many[:20]]
    other = generate(KNOWLEDGE, num_notes=20, **{**SIZES, "seed": 1}).notes
    assert [note.words for note in few] != [note.words for note in other]


def test_no_label_survives_in_a_note():
    made = generate(KNOWLEDGE, num_notes=200, **SIZES)
    names = {name for note in made.notes for name in note.diagnoses}
    text = ["  ".join(["", *note.words, ""]) for note in made.notes]
    phrases = ["  " + "  ".join(phrase) + "  " for name in names for phrase in label_phrases(name)]
    assert not any(phrase in note for phrase in phrases for note in text)


def test_a_note_names_its_diagnoses_before_they_are_taken_out():
    pool = disease_pool(KNOWLEDGE, seed=0)
    note = write_note(pool[:2], pool, KNOWLEDGE, np.random.default_rng(0))
    assert f"1. {pool[0].name}\n2. {pool[1].name}" in note


def test_findings_are_seen_as_often_as_in_the_disease():
    pool = disease_pool(KNOWLEDGE, seed=0)
    always, rarely = pool[0].findings[0][0], pool[0].findings[-1][0]
    draws = np.random.default_rng(0)
    notes = [write_note(pool[:1], pool[:1], KNOWLEDGE, draws) for _ in range(300)]

    def count(key):
        finding = KNOWLEDGE.findings[key]
        return sum(finding.name in note or finding.synonyms[0] in note for note in notes)

    assert count(always) > 3 * count(rarely) > 0


def test_other_words_are_names_or_synonyms():
    draws = np.random.default_rng(0)
    finding = Finding(name="ache", synonyms=("pain", "hurt"), definition="")
    assert {paraphrase_finding(finding, draws) for _ in range(50)} == {"ache", "pain", "hurt"}


def test_an_article_gives_its_findings_under_their_own_names():
    disease = KNOWLEDGE.diseases[0]
    text = write_article(disease, KNOWLEDGE).text
    assert all(KNOWLEDGE.findings[key].name in text for key, _ in disease.findings)
    assert "what a is" in text


def test_two_notes_of_a_patient_have_the_same_diagnoses():
    by_patient = {}
    for note in generate(KNOWLEDGE, num_notes=100, **SIZES).notes:
        by_patient.setdefault(note.patient, set()).add(note.diagnoses)
    assert len(by_patient) < 100
    assert all(len(diagnoses) == 1 for diagnoses in by_patient.values())


def test_no_patient_is_in_two_parts_and_most_train():
    parts = split_by_patient(generate(KNOWLEDGE, num_notes=600, **SIZES).notes)
    patients = [{note.patient for note in part} for part in (parts.train, parts.val, parts.test)]
    assert len(set.union(*patients)) == sum(map(len, patients))
    assert 0.7 < len(parts.train) / 600 < 0.9


def make_data(**changes):
    made = generate(KNOWLEDGE, num_notes=200, **SIZES)
    parts = split_by_patient(made.notes)
    labels = commonest_diagnoses(parts.train, num_labels=5)
    values = {"vocabulary_size": 500, "max_words": 30, "name": "x", "version": "v", "label_names": labels}
    return assemble(parts, made.articles, **{**values, **changes})


def test_labels_are_the_commonest_diagnoses_in_order():
    counts = make_data().train.labels.sum(0).tolist()
    assert counts == sorted(counts, reverse=True)


def test_every_label_has_its_own_article():
    data = make_data()
    assert [data.article_titles[place] for place in data.article_of_label.tolist()] == list(data.label_names)


def test_notes_without_a_label_are_left_out_of_all_parts_and_counted():
    data = make_data()
    assert all(bool((part.labels.sum(1) > 0).all()) for part in (data.train, data.val, data.test))
    kept = len(data.train) + len(data.val) + len(data.test)
    assert data.coverage == pytest.approx(kept / 200)


def test_texts_are_cut_and_the_vocabulary_is_bounded():
    data = make_data(max_words=7, vocabulary_size=20)
    assert (data.train.words.shape[1], data.article_words.shape[1], len(data.vocabulary)) == (7, 6, 21)


def test_the_digest_follows_the_content():
    assert make_data().digest == make_data().digest != make_data(max_words=7).digest


def test_words_of_held_out_notes_alone_are_not_in_the_vocabulary():
    made = generate(KNOWLEDGE, num_notes=200, **SIZES)
    parts = split_by_patient(made.notes)
    marked = [dataclasses.replace(note, words=[*note.words, "heldout"]) for note in parts.test]
    labels = commonest_diagnoses(parts.train, num_labels=5)
    data = assemble(
        dataclasses.replace(parts, test=marked),
        made.articles,
        label_names=labels,
        vocabulary_size=500,
        max_words=600,
        name="x",
        version="v",
    )
    assert "heldout" not in data.vocabulary.words


def test_a_note_shows_no_word_of_itself():
    note = generate(KNOWLEDGE, num_notes=1, **SIZES).notes[0]
    assert not any(word in repr(note).split() for word in note.words if len(word) > 3)


def test_more_articles_than_the_knowledge_base_has_are_refused():
    with pytest.raises(ValueError, match="num_articles must be at most 20"):
        generate(KNOWLEDGE, num_notes=5, num_diseases=5, num_articles=21, seed=0)
