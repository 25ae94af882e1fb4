import pytest
from typer.testing import CliRunner

from thesis.cli.app import app
from thesis_workloads.contract.errors import UserError

pytestmark = pytest.mark.ray


def test_lines_of_a_published_file_become_parquet_and_a_broken_one_is_listed(tmp_path):
    line = "[NN] ||| the word ||| a term {} ||| x=1 ||| 0-0 ||| Equivalence\n"
    words = ["red", "green", "blue", "white", "black"]
    text = "".join(line.format(word) for word in words) + "broken line\n"
    (tmp_path / "ppdb-2.0-s-phrasal").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["prepare", "ppdb", "--data-dir", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "5 of 6 kept" in done.output
    assert "ppdb-2.0-s-phrasal:6: 'broken line'" in done.output


def test_a_set_that_is_not_there_is_named_with_what_to_do(tmp_path):
    done = CliRunner().invoke(app, ["prepare", "ppdb", "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, UserError)
    assert "paraphrase.org" in str(done.exception)
