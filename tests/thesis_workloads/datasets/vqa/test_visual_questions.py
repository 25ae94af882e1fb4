import json

import pytest

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.vqa.easy_vqa import choices_of, question_type
from thesis_workloads.datasets.vqa.scene_questions import questions_about
from thesis_workloads.datasets.vqa.scenes import scene_image, scene_objects
from thesis_workloads.datasets.vqa.visual_questions import load_questions


@pytest.fixture(scope="module")
def easy():
    pytest.importorskip("easy_vqa")
    return load_questions("easy-vqa", data_dir=None, num_images=0, num_val_images=400)


def test_the_shipped_set_is_read_from_its_package(easy):
    assert len(easy.train) + len(easy.val) == 38_575
    assert len(easy.test) == 9_673
    assert len({question.answers for question in easy.train}) == 13


def test_no_image_is_in_two_parts(easy):
    parts = [{question.image for question in part} for part in (easy.train, easy.val, easy.test)]
    assert len(parts[1]) == 400
    assert not parts[0] & parts[1]
    assert not (parts[0] | parts[1]) & parts[2]


def test_fewer_images_are_some_of_the_same_and_the_held_out_part_stays(easy):
    fewer = load_questions("easy-vqa", data_dir=None, num_images=90, num_val_images=400)
    assert [question.text for question in fewer.val] == [question.text for question in easy.val]
    assert {question.image for question in fewer.train} < {question.image for question in easy.train}
    assert len({question.image for question in fewer.test}) == 25


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is there not a circle?", "absence of a shape"),
        ("is no red shape present?", "absence of a color"),
        ("does the image contain a teal shape?", "presence of a color"),
        ("what is the color of the circle?", "color"),
        ("what is the green shape?", "shape"),
    ],
)
def test_question_types_say_what_is_asked_for(text, expected):
    assert question_type(text) == expected


def test_the_choices_hold_the_answer_and_another_of_its_kind():
    for seed in range(20):
        found = choices_of("yes", seed=str(seed))
        assert len(set(found)) == 4
        assert {"yes", "no"} <= set(found)


def truth(objects, text):
    """An answer by another way than the generator's: read from the text of the question."""
    words = text.rstrip("?").replace("shapes", "").split()
    if text.startswith("is there a"):
        return "yes" if " ".join(words[3:]) in {each.name for each in objects} else "no"
    if text.startswith("how many"):
        asked = words[2 : words.index("are")]
        hit = [o for o in objects if all(word in (o.color, f"{o.shape}s") for word in asked)]
        return str(len(hit))
    if text.startswith("what"):
        one = [o for o in objects if words[-1] in (o.color, o.shape)]
        assert len(one) == 1
        return one[0].color if words[1] == "color" else one[0].shape
    place = {each.name: (each.x, each.y) for each in objects}
    x, y = place[" ".join(words[2:4])]
    if "half" in words:
        return (
            "yes" if {"left": x < 32, "right": x >= 32, "top": y < 32, "bottom": y >= 32}[words[-2]] else "no"
        )
    other = place[" ".join(words[-2:])]
    left, above = x < other[0], y < other[1]
    return "yes" if {"left": left, "right": not left, "above": above, "below": not above}[words[4]] else "no"


def test_every_generated_answer_is_true_of_its_scene():
    kinds = set()
    for seed in range(300):
        for question in questions_about(seed):
            assert question.answers == (truth(scene_objects(seed), question.text),), (seed, question)
            kinds.add(question.question_type)
    assert kinds == {"existence", "count", "place", "relation", "color", "shape"}


def test_a_scene_follows_from_its_seed():
    assert scene_image(5).tobytes() == scene_image(5).tobytes() != scene_image(6).tobytes()


def write_vqa(folder, *, with_choices):
    """A made-up VQA v1: two training images and one to test on."""
    for part, images in {"train2014": (9, 25), "val2014": (42,)}.items():
        (folder / part).mkdir()
        asked, answered = [], []
        for number, image in enumerate(images):
            extra = {"multiple_choices": ["yes", "no", "2"]} if with_choices else {}
            asked.append({"question_id": 10 + number, "image_id": image, "question": "Is it?", **extra})
            answers = [{"answer": "yes" if k < 7 else "no", "answer_id": k + 1} for k in range(10)]
            answered.append(
                {
                    "question_id": 10 + number,
                    "answers": answers,
                    "answer_type": "yes/no",
                    "question_type": "is it",
                }
            )
        task = "MultipleChoice" if with_choices else "OpenEnded"
        (folder / f"{task}_mscoco_{part}_questions.json").write_text(json.dumps({"questions": asked}))
        (folder / f"mscoco_{part}_annotations.json").write_text(json.dumps({"annotations": answered[::-1]}))


@pytest.mark.parametrize("with_choices", [True, False])
def test_vqa_is_read_as_published(tmp_path, with_choices):
    write_vqa(tmp_path, with_choices=with_choices)
    found = load_questions("vqa-v1", data_dir=tmp_path, num_images=0, num_val_images=1)
    assert (len(found.train), len(found.val), len(found.test)) == (1, 1, 1)
    question = found.test[0]
    assert question.answers == ("yes",) * 7 + ("no",) * 3
    assert (question.answer_type, question.question_type) == ("yes/no", "is it")
    assert question.choices == (("yes", "no", "2") if with_choices else ())
    assert found.images[question.image] == str(tmp_path / "val2014/COCO_val2014_000000000042.jpg")


def test_a_question_without_annotation_is_named(tmp_path):
    write_vqa(tmp_path, with_choices=False)
    (tmp_path / "mscoco_val2014_annotations.json").write_text('{"annotations": []}')
    with pytest.raises(
        DatasetDamaged, match=r"OpenEnded_mscoco_val2014_questions.json must have question_id"
    ):
        load_questions("vqa-v1", data_dir=tmp_path, num_images=0, num_val_images=1)


def test_a_file_that_is_no_json_is_named(tmp_path):
    write_vqa(tmp_path, with_choices=False)
    (tmp_path / "mscoco_train2014_annotations.json").write_text("<html>")
    with pytest.raises(DatasetDamaged, match=r"mscoco_train2014_annotations.json must be JSON"):
        load_questions("vqa-v1", data_dir=tmp_path, num_images=0, num_val_images=1)


def test_a_set_that_is_not_here_says_what_to_do(tmp_path):
    with pytest.raises(DatasetMissing, match="COCO's train2014 and val2014"):
        load_questions("vqa-v2", data_dir=tmp_path, num_images=0, num_val_images=1)


def test_more_images_than_there_are_are_refused():
    with pytest.raises(ValueError, match="must fit into the 4000 training images of scenes"):
        load_questions("scenes", data_dir=None, num_images=3990, num_val_images=20)


def test_a_wrong_name_is_put_right():
    with pytest.raises(ValueError, match="did you mean 'easy-vqa'"):
        load_questions("easyvqa", data_dir=None, num_images=0, num_val_images=1)
