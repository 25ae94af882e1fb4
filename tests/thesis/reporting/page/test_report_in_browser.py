"""The report in a real browser: it opens without a complaint, whole, reachable by keyboard, on any screen."""

import itertools
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from thesis.paper.reference import read_reference
from thesis.reporting.page.files import write_report

pytestmark = pytest.mark.browser

_SHOWN = "getComputedStyle(document.activeElement).outlineStyle"


@pytest.fixture(scope="module")
def written_page(written):
    return write_report(written[0])[0]


@pytest.fixture
def opened(browser, written_page):
    """The page, with what the browser complained of and asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.complaints, page.requests = [], []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto(written_page.as_uri())
    yield page
    context.close()


def test_it_opens_without_a_complaint_and_asks_for_nothing_but_itself(opened, written_page):
    opened.wait_for_load_state("networkidle")
    asked = [url for url in opened.requests if not url.startswith("data:")]
    assert (opened.complaints, asked) == ([], [written_page.as_uri()])


def test_every_declared_id_is_there_and_every_link_leads_somewhere(opened, written_page):
    reference = read_reference()
    ids = set(opened.eval_on_selector_all("[id]", "all => all.map(each => each.id)"))
    links = opened.eval_on_selector_all("a[href]", "all => all.map(each => each.getAttribute('href'))")
    assert {*reference.tables, *reference.claims} <= ids
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    files = [Path(unquote(urlsplit(link).path)) for link in links if not re.match("#|http", link)]
    assert files
    assert all((written_page.parent / file).is_file() for file in files)


def test_pictures_are_drawn_and_have_words(opened):
    shown = opened.eval_on_selector_all("img", "all => all.map(each => [each.alt, each.naturalWidth])")
    assert shown
    assert all(alt and width > 0 for alt, width in shown)


def test_the_first_key_press_offers_to_skip_to_the_content(opened):
    opened.keyboard.press("Tab")
    skip = opened.evaluate("document.activeElement.textContent")
    box = opened.locator(":focus").bounding_box()
    assert (skip, box["x"] >= 0) == ("Skip to the content", True)
    opened.keyboard.press("Enter")
    assert opened.url.endswith("#content")


def test_what_has_the_focus_is_outlined(opened):
    outlines = set()
    for _ in range(12):
        opened.keyboard.press("Tab")
        outlines.add(opened.evaluate(_SHOWN))
    assert "none" not in outlines


def test_headings_are_in_order(opened):
    levels = opened.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6", "all => all.map(each => Number(each.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_is_never_wider_than_the_screen(opened, width):
    opened.set_viewport_size({"width": width, "height": 844})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_choosing_a_verdict_hides_the_other_claims(opened):
    opened.get_by_label(re.compile("^ ?holds")).check()
    shown = opened.locator(".claims > li:visible")
    assert shown.count() == opened.locator(".claims > li[data-verdict='holds']").count() > 0


def test_ink_and_paper_change_places_in_the_dark(opened):
    opened.emulate_media(color_scheme="dark")
    dark = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    opened.emulate_media(color_scheme="light")
    assert dark != opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
