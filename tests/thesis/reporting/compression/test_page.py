import base64
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from thesis.reporting.compression import page as pages
from thesis_workloads.imaging.content_aware import Encoding, encode_content_aware


def jpeg(color):
    file = io.BytesIO()
    Image.new("RGB", (32, 24), color).save(file, "JPEG")
    return file.getvalue()


def picture(name, **numbers):
    return pages.ComparedPicture(name=name, plain=jpeg("red"), ours=jpeg("blue"), numbers=numbers)


def page_of(*pictures):
    return "".join(pages.compression_page(iter(pictures), len(pictures)))


def test_both_files_of_each_picture_are_in_the_page_as_they_were_written():
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page_of(picture("a"), picture("b")))
    assert [base64.b64decode(each) for each in found] == 2 * [jpeg("red"), jpeg("blue")]


def test_a_name_can_t_break_the_page():
    page = page_of(picture('<b>"x"</b>'))
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_what_would_make_the_page_too_large_is_counted_and_keeps_its_row(monkeypatch):
    monkeypatch.setattr(pages, "MOST_EMBEDDED", 1.5 * len(jpeg("red") + jpeg("blue")))
    numbers = {"std-jpeg/psnr": 30.0, "ms-roi/psnr": 31.0}
    page = page_of(picture("a", **numbers), picture("b", **numbers))
    assert page.count("<figure>") == 1
    assert "1 further pictures" in page
    assert "<td>psnr</td><td>2</td>" in page


@pytest.mark.browser
def test_the_slider_moves_the_line_between_both_pictures(browser, tmp_path):
    path = tmp_path / "index.html"
    pages.write_compression_page(path, iter([picture("a")]), 1)
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth == 32)")
    shown = "getComputedStyle(document.querySelectorAll('.pair img')[1]).clipPath"
    assert "50%" in page.evaluate(shown)
    page.locator(".pair input").fill("80")
    assert "80%" in page.evaluate(shown)
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("rounding", ["jpeg", "keep", "rate-distortion"])
@pytest.mark.parametrize("coding", ["baseline", "optimal"])
def test_a_browser_decodes_every_kind_of_output_to_nearly_pillow_s_pixels(browser, mode, rounding, coding):
    values = np.add.outer(np.arange(45), np.arange(70)).astype(np.uint8)
    image = Image.fromarray(values).convert(mode)
    settings = Encoding(quality=80, rounding=rounding, coding=coding)
    data = encode_content_aware(image, torch.ones(45, 70), settings).data
    page = browser.new_page()
    levels = page.evaluate(
        """async source => {
          const image = new Image(); image.src = source; await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const context = canvas.getContext("2d"); context.drawImage(image, 0, 0);
          return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
        }""",
        "data:image/jpeg;base64," + base64.b64encode(data).decode(),
    )
    page.close()
    shown = np.array(levels).reshape(45, 70, 4)[..., :3]
    decoded = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=int)
    assert np.abs(shown - decoded).max() <= 3
