"""A made-up copy of MIMIC-III's files, whole or with rows broken in every way. No test of its own.

Loaded by path, since the folders of tests are no packages.
"""

import gzip
import json
import random
import re

COLUMNS = "ROW_ID,SUBJECT_ID,HADM_ID,CHARTDATE,CHARTTIME,STORETIME,CATEGORY,DESCRIPTION,CGID,ISERROR,TEXT"
HEADER = ",".join(f'"{name}"' for name in COLUMNS.split(",")) + "\n"
TITLES = {
    "4280": "Congestive heart failure, unspecified",
    "5849": "Acute kidney failure, unspecified",
    "486": "Pneumonia, organism unspecified",
    "2749": "Gout, unspecified",
    "42731": "Atrial fibrillation",
    "2720": "Other and unspecified hyperlipidemia",
}
SIGNS = {code: [f"sign{code}{letter}" for letter in "abc"] for code in TITLES}
PLANTED = "zebraquark"


def note(row, patient, admission, text, category="Discharge summary"):
    quoted = text.replace('"', '""')
    return f'{row},{patient},{admission},2151-08-04,,,"{category}","Report",,,"{quoted}"\n'


def body_of(codes, draws):
    said = " ".join(draws.choice(SIGNS[code]) for code in codes for _ in range(3))
    named = ", ".join(TITLES[code].upper() for code in codes)
    return (
        f"Service: Medicine\nHistory of Present Illness:\n{PLANTED} seen with {said}; {named.lower()} suspected,\n"
        f'he said "well". '
        + "plain words follow here as ever "
        * 3
        + f"\n\nDischarge Diagnosis:\n{named}\n\n"
        "Discharge Condition:\nstable on the ward\n"
    )


def write_set(folder, *, num_patients=60, seed=0, compress=False):
    """Writes the three files and the articles; returns the codes by admission."""
    draws = random.Random(seed)
    codes_of = {100 + n: draws.sample(sorted(TITLES), draws.randint(1, 3)) for n in range(num_patients)}
    rows, number = [HEADER], 0
    for admission, codes in codes_of.items():
        number += 2
        rows.append(note(number - 1, admission - 90, admission, "nursing only " * 20, category="Nursing"))
        rows.append(note(number, admission - 90, admission, body_of(codes, draws)))
    write(folder / "NOTEEVENTS.csv", "".join(rows), compress)
    links = [
        f"{n},{a - 90},{a},1,{code}\n" for n, (a, found) in enumerate(codes_of.items()) for code in found
    ]
    write(
        folder / "DIAGNOSES_ICD.csv",
        "ROW_ID,SUBJECT_ID,HADM_ID,SEQ_NUM,ICD9_CODE\n" + "".join(links),
        compress,
    )
    names = [f'1,{code},"{title[:10]}","{title}"\n' for code, title in TITLES.items()]
    write(
        folder / "D_ICD_DIAGNOSES.csv", "ROW_ID,ICD9_CODE,SHORT_TITLE,LONG_TITLE\n" + "".join(names), compress
    )
    articles = [
        {"title": title.split(",")[0], "text": f"{title} shows {' '.join(SIGNS[code])}."}
        for code, title in TITLES.items()
    ]
    (folder / "articles.jsonl").write_text("\n".join(json.dumps(article) for article in articles))
    return codes_of


def write(path, text, compress):
    if compress:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)


ROW_STARTS = re.compile(r"\d+,\d+,\d*,2151")


def damage(folder):
    """Breaks rows of a written set in every way; returns the number of each broken row of NOTEEVENTS."""
    path = folder / "NOTEEVENTS.csv"
    rows = ["".join(part) for part in split_rows(path.read_text())]
    rows[3] = rows[3].rstrip("\n").rstrip('"') + "\n"
    rows[5] = rows[5].replace(PLANTED, f'{PLANTED} "{PLANTED}" {PLANTED}')
    rows[7] = note(8, 14, 104, f"{PLANTED}.")
    rows[9] = rows[9].replace('"Report",,,', '"Report",,,,')
    rows[11] = note(12, 16, "", f"{PLANTED} " * 30)
    path.write_text(HEADER + "".join(rows))
    with (folder / "DIAGNOSES_ICD.csv").open("a") as file:
        file.write("999,10,100,1,V9999\n1000,x,100,1,486\n")
    return {
        "broken quoting": [4, 6],
        "an empty note": [8],
        "wrong number of columns": [10],
        "no number of a patient or an admission": [12],
    }


def split_rows(text):
    lines = text.splitlines(keepends=True)[1:]
    rows = []
    for line in lines:
        if ROW_STARTS.match(line):
            rows.append([])
        rows[-1].append(line)
    return rows
