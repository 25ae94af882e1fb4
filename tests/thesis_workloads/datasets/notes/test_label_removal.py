import random

from thesis_workloads.datasets.notes.label_removal import Phrases, clean_words, label_phrases, note_words


def occurs(phrase, words):
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words)))


def test_case_line_breaks_and_punctuation_do_not_hide_a_label():
    phrases = Phrases(label_phrases("Congestive heart failure, unspecified"))
    assert clean_words("known CONGESTIVE\n  heart-failure. stable", phrases) == ["known", "stable"]


def test_the_longest_label_goes_first():
    phrases = Phrases([("heart",), ("heart", "failure")])
    assert phrases.remove(["heart", "failure", "clinic"]) == ["clinic"]


def test_a_label_that_a_removal_brings_together_goes_as_well():
    phrases = Phrases([("renal", "failure"), ("acute", "asthma")])
    assert phrases.remove(["acute", "renal", "failure", "asthma", "x"]) == ["x"]


def test_no_label_survives_in_any_random_text():
    draws = random.Random(0)
    for _ in range(300):
        phrases = {tuple(draws.choices("abcd", k=draws.randint(1, 4))) for _ in range(6)}
        words = draws.choices("abcde", k=60)
        kept = Phrases(phrases).remove(words)
        assert not any(occurs(phrase, kept) for phrase in phrases)


def test_words_that_belong_to_no_label_all_stay():
    draws = random.Random(1)
    words = draws.choices("abcdefgh", k=200)
    kept = Phrases([("a", "b"), ("c",)]).remove(words)
    assert [word for word in kept if word in "defgh"] == [word for word in words if word in "defgh"]


def test_a_label_is_known_without_what_is_vague_about_it():
    ways = label_phrases("Other and unspecified hyperlipidemia")
    assert {("hyperlipidemia",), ("unspecified", "hyperlipidemia")} <= ways
    assert ("pneumonia",) in label_phrases("Pneumonia, organism unspecified")


def test_a_qualifier_alone_is_no_label():
    assert ("unspecified",) not in label_phrases("Unspecified, other")


def test_sections_of_diagnoses_are_cut_out_up_to_the_next_heading():
    text = (
        "Brief Hospital Course:\nshe improved\n\nDischarge Diagnosis:\nPrimary: gout\nSecondary: angina\n\n"
        "Discharge Condition:\ngood"
    )
    assert note_words(text) == ["brief", "hospital", "course", "improved", "discharge", "condition", "good"]


def test_a_diagnosis_named_within_a_sentence_is_no_heading():
    assert "gout" in note_words("The diagnosis of gout was made. Plan: rest")
