"""The report: whole, self-contained and readable, whatever state the measured tables are in."""

import itertools
import re
from importlib.resources import files

import pytest
from jinja2 import PackageLoader
from typer.testing import CliRunner

from thesis.cli.app import app
from thesis.paper.reference import read_reference
from thesis.reporting.page.content import gather
from thesis.reporting.page.files import write_report
from thesis.reporting.page.html import report_page, style_sheet
from thesis.reporting.page.markdown import report_markdown
from thesis.reporting.tables.comparison import ComparedCell, format_difference, format_measured
from thesis.results.measured_tables import MeasuredData, MeasuredRow, Samples
from thesis.results.table_files import write_measured
from thesis_workloads.registry import all_systems


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


def test_numbers_of_the_same_data_stand_in_one_cell_with_their_difference(tmp_path, make_table, parse_page):
    data = MeasuredData(name="CIFAR-10", is_published=True)
    write_measured(make_table(figures=(), data=data), tmp_path)
    texts = parse_page(report_page(gather(tmp_path))).texts
    assert texts[texts.index("95.5 ± 1.2") + 1] == "76.4 (+19.1)"
    assert "CIFAR-10 (the dissertation's own data)" in "".join(texts)


def test_numbers_of_other_data_have_no_difference(page, written):
    assert page.texts[page.texts.index("95.5 ± 1.2") + 1] == "76.4"
    assert "| ortho | 95.5 ± 1.2 (76.4) |" in report_markdown(written[0])


def test_rows_whose_data_stand_in_for_others_say_so(tmp_path, make_table, parse_page):
    keys = [{"dataset": "kodak", "method": method} for method in ("std-jpeg", "ms-roi")]
    rows = tuple(MeasuredRow(keys=each, cells={"psnr": seeds(30, 31, unit="image")}) for each in keys)
    data = MeasuredData(name="27 bundled photographs")
    write_measured(make_table(id="table-2.1", system="ms-roi", rows=rows, figures=(), data=data), tmp_path)
    report = gather(tmp_path)
    text = "".join(parse_page(report_page(report)).texts)
    assert text.count("Measured on 27 bundled photographs (stand-in for kodak)") == 1
    assert "| kodak: 27 bundled photographs (stand-in for kodak) | std-jpeg | not run" in report_markdown(
        report
    )


def test_scale_and_data_are_said_at_the_table_and_at_the_claim(page):
    text = " ".join(page.texts)
    assert "Measured in part: scale small; digits & more 1.7 (stand-in for CIFAR-10); 3 seeds." in text
    assert "Measured at small, digits & more 1.7." in text


def test_rows_that_the_dissertation_does_not_print_are_marked(page):
    text = "".join(page.texts)
    assert "my <own>" in text
    assert "not in the dissertation" in text


def test_missing_seeds_unreadable_files_and_tables_not_run_are_shown(page):
    text = "".join(page.texts)
    assert "Missing: seed 3 diverged." in text
    assert text.count("table-5.5 failed. tables/small/table-5.5.json: it is no whole JSON file") == 2
    assert text.count("– not run") > 20


def test_figures_of_tables_and_runs_are_inside(page):
    names = [image["alt"] for image in page.all("img")]
    assert names == [
        "table-5.1, measured next to published",
        "table-5.1, as measured",
    ]


def test_a_figure_that_cannot_be_read_is_told(output_dir):
    report = gather(output_dir)
    (output_dir / "pictures" / "table-5.1.png").unlink()
    assert "table-5.1, as measured can't be shown: No such file" in report_page(report)


def test_the_verdicts_are_counted_per_system(written):
    report, _ = written
    counted = {system.name: system.counts["holds"] for system in report.systems if system.counts["holds"]}
    assert counted == {"repr": 2, "residual-lstm": 1}
    assert len(report.verdicts) == 235


def test_the_page_can_show_the_claims_of_one_verdict(page):
    chosen = {box["id"] for box in page.all("input")}
    css = style_sheet()
    shown = {item["data-verdict"] for item in page.all("li") if "data-verdict" in item}
    assert chosen == {"show-all", "show-holds", "show-does-not-hold", "show-undecided", "show-not-run"}
    assert all(f'#show-{name}:checked) .claims > li:not([data-verdict="{name}"])' in css for name in shown)


def test_an_empty_output_folder_gives_a_report_in_which_nothing_was_run(tmp_path):
    text = report_markdown(gather(tmp_path / "none"))
    assert "| **all** | **0** | **0** | **0** | **235** |" in text


def test_markdown_has_the_numbers_and_the_reasons(written):
    text = report_markdown(written[0])
    assert "Margin 5.033 [4.89, 5.177] over 3 seeds" in text
    assert "**table-5.5 failed.**" in text


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


def test_text_of_a_table_can_not_become_markup(tmp_path, make_table):
    missing = ("<script>alert(1)</script>",)
    data = MeasuredData(name="<b>bold</b>")
    write_measured(make_table(figures=(), missing=missing, data=data), tmp_path)
    text = report_page(gather(tmp_path))
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text
    assert "<b>" not in text


def test_templates_and_style_ship_with_the_package():
    folder = files("thesis.reporting.page") / "templates"
    names = {path.name for path in folder.iterdir()}
    assert {"page.html", "tables.html", "claims.html", "forest.html", "report.css"} <= names
    assert set(PackageLoader("thesis.reporting.page").list_templates()) == names


def test_a_table_of_a_system_that_nobody_declared_is_in_the_report(tmp_path, make_table, parse_page):
    write_measured(make_table(id="table-of-mine", system="made-up", figures=()), tmp_path)
    report = gather(tmp_path)
    page = parse_page(report_page(report))
    assert [system.name for system in report.systems][-1] == "made-up"
    assert {"made-up", "table-of-mine"} <= set(page.ids)
    assert "#made-up" in [link["href"] for link in page.all("a")]
    assert "| made-up | 0 | 0 | 0 | 0 |" in report_markdown(report)
    assert "table-of-mine" in [table.id for table in report.measured]


def test_every_registered_system_is_named_in_the_report(written, page):
    names = {system.name for system in written[0].systems} | set(written[0].unreported)
    assert set(all_systems()) <= names
    assert all(name in "".join(page.texts) for name in all_systems())


def test_claims_and_rows_that_were_not_run_are_collapsed(page):
    text = "".join(page.texts)
    assert "22 claims – not run" in text
    assert "8 rows – not run" in text


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_stands_out_from_both_backgrounds(scheme):
    css = style_sheet()
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
    assert "table-5.5 failed" in result.stdout


def test_an_unknown_scale_is_refused(output_dir):
    result = CliRunner().invoke(app, ["report", "--output-dir", str(output_dir), "--scale", "huge"])
    assert "--scale must be one of smoke, small, paper" in str(result.exception)
