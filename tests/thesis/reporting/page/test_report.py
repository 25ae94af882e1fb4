"""The report: whole, self-contained and readable, whatever state the measured tables are in."""

import itertools
import re
from importlib.resources import files

import pytest
from typer.testing import CliRunner

from thesis.cli.app import app
from thesis.paper.reference import read_reference
from thesis.reporting.page.content import gather
from thesis.reporting.page.files import write_report
from thesis.reporting.page.html import report_page
from thesis.reporting.page.html_elements import Html, element
from thesis.reporting.page.markdown import report_markdown
from thesis.reporting.tables.comparison import ComparedCell, format_difference, format_measured
from thesis.results.measured_tables import Samples


def test_every_table_and_every_claim_is_on_the_page(page):
    reference = read_reference()
    assert {*reference.tables, *reference.claims} <= set(page.ids)


def test_the_page_is_well_formed_and_no_id_is_there_twice(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_links_within_the_page_and_labels_lead_somewhere(page):
    inside = {link["href"][1:] for link in page.all("a") if link["href"].startswith("#")}
    labels = {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
    assert inside | labels <= set(page.ids)


def test_nothing_is_fetched_and_nothing_runs(page, written):
    assert [a for tag in ("script", "link", "iframe") for a in page.all(tag)] == []
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    style = written[1].split("<body")[0]
    assert "@import" not in style
    assert "url(" not in style


def test_a_reader_without_eyes_or_mouse_finds_the_way(page):
    assert [tag for tag, _ in page.elements if tag in ("header", "nav", "main", "footer")] == [
        "header",
        "nav",
        "main",
        "footer",
    ]
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("a")[0] == {"href": "#content", "class": "skip"}
    assert all("scope" in head for head in page.all("th"))
    assert all(image["alt"] for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table"))


def test_headings_leave_out_no_level(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_published_and_measured_stand_in_one_cell_with_their_difference(page):
    place = page.texts.index("95.5 ± 1.2")
    assert page.texts[place + 1] == "76.4 (+19.1)"


def test_scale_and_data_are_said_at_the_table_and_at_the_claim(page):
    text = " ".join(page.texts)
    assert "Measured in part: scale small; digits & more 1.7 (not the text's data); 3 seeds." in text
    assert "Measured at small, digits & more 1.7." in text


def test_what_the_text_does_not_print_is_shown_as_such(page):
    text = "".join(page.texts)
    assert "my <own>" in text
    assert "not in the text" in text


def test_missing_seeds_broken_files_and_tables_not_run_are_shown(page):
    text = "".join(page.texts)
    assert "Missing: seed 3 diverged." in text
    assert text.count("table-5.5 is broken. tables/small/table-5.5.json: it is no whole JSON file") == 2
    assert text.count("– not run") > 20


def test_figures_of_tables_and_runs_are_inside(page):
    names = [image["alt"] for image in page.all("img")]
    assert names == [
        "table-5.1, measured beside published",
        "table-5.1, as measured",
    ]


def test_a_figure_that_cannot_be_read_is_told(output_dir):
    report = gather(output_dir)
    (output_dir / "pictures" / "table-5.1.png").unlink()
    assert "table-5.1, as measured can&#x27;t be shown: No such file" in report_page(report)


def test_the_verdicts_are_counted_per_system(written):
    report, _ = written
    counted = {system.name: system.counts["holds"] for system in report.systems if system.counts["holds"]}
    assert counted == {"repr": 2, "residual-lstm": 1}
    assert len(report.verdicts) == 235


def test_the_page_can_show_the_claims_of_one_verdict(page):
    chosen = {box["id"] for box in page.all("input")}
    css = (files("thesis.reporting") / "report.css").read_text()
    shown = {item["data-verdict"] for item in page.all("li") if "data-verdict" in item}
    assert chosen == {"show-all", "show-holds", "show-does-not-hold", "show-undecided", "show-not-run"}
    assert all(f'#show-{name}:checked) .claims > li:not([data-verdict="{name}"])' in css for name in shown)


def test_an_empty_output_folder_gives_a_report_in_which_nothing_was_run(tmp_path):
    text = report_markdown(gather(tmp_path / "none"))
    assert "| **all** | **0** | **0** | **0** | **235** |" in text


def test_markdown_has_the_numbers_and_the_reasons(written):
    text = report_markdown(written[0])
    assert "| ortho | 95.5 ± 1.2 (76.4, +19.1) |" in text
    assert "Margin 5.033 [4.89, 5.177] over 3 seeds" in text
    assert "**table-5.5 is broken.**" in text


def test_another_scale_can_be_asked_for(output_dir):
    report = gather(output_dir, scale="smoke")
    assert {verdict.verdict for verdict in report.verdicts} == {"not run"}


def test_both_files_are_written(output_dir):
    paths = write_report(gather(output_dir))
    assert [path.relative_to(output_dir).as_posix() for path in paths] == [
        "report/index.html",
        "report/report.md",
    ]
    assert all(path.stat().st_size > 10_000 for path in paths)


def seeds(*values, unit="seed"):
    return Samples(values={str(index): float(value) for index, value in enumerate(values)}, unit=unit)


COLUMN = read_reference().tables["table-4.1"].column("single")


@pytest.mark.parametrize(
    ("samples", "text"),
    [
        (seeds(1, 2, 3), "2.0 ± 2.5"),
        (seeds(5), "5.0"),
        (seeds(*[100] * 17, unit="image"), "100.0 [81.6, 100.0]"),
        (seeds(*[0] * 17, unit="image"), "0.0 [0.0, 18.4]"),
        (seeds(100, 100, 100), "100.0 ± 0.0"),
    ],
)
def test_a_number_has_the_interval_that_suits_its_samples(samples, text):
    cell = ComparedCell(published=None, is_absent=False, is_bold=False, samples=samples)
    assert format_measured(cell, COLUMN) == text


@pytest.mark.parametrize(("value", "text"), [(1.04, "+1.0"), (-1.06, "−1.1"), (-0.04, "0.0"), (0.0, "0.0")])
def test_a_difference_has_a_sign_unless_it_rounds_to_zero(value, text):
    assert format_difference(value, COLUMN) == text


def test_text_is_escaped_and_html_is_not():
    assert element("p", "a < b", Html("<br>"), title='"') == '<p title="&quot;">a &lt; b<br></p>'


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_stands_out_from_both_backgrounds(scheme):
    css = (files("thesis.reporting") / "report.css").read_text()
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css.split(":root {")[scheme + 1].split("}")[0]))
    ratios = {
        (ink, ground): (max(lights) + 0.05) / (min(lights) + 0.05)
        for ink in ("ink", "soft", "link", "holds", "fails", "open", "none")
        for ground in ("page", "card")
        for lights in [(luminance(colours[ink]), luminance(colours[ground]))]
    }
    assert min(ratios.values()) >= 4.5, ratios


def test_the_command_prints_where_the_report_is(output_dir):
    result = CliRunner().invoke(app, ["report", "--output-dir", str(output_dir)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2:] == [
        str(output_dir / "report" / "index.html"),
        str(output_dir / "report" / "report.md"),
    ]
    assert "table-5.5 is broken" in result.stdout


def test_an_unknown_scale_is_refused(output_dir):
    result = CliRunner().invoke(app, ["report", "--output-dir", str(output_dir), "--scale", "huge"])
    assert "--scale must be one of smoke, small, paper" in str(result.exception)
