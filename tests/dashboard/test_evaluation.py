"""The Evaluation page: what is read of the files, what compares with what, and what the page says of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import evaluation_folder as made
from visml import checkpoints
from visml.dashboard.app import create_app
from visml.dashboard.board import Board, metrics, read_board
from visml.dashboard.board_group import group_data, group_part
from visml.dashboard.board_model import model_part
from visml.dashboard.board_pictures import served, why_not
from visml.dashboard.board_table import table_part
from visml.dashboard.context import Context
from visml.dashboard.evaluations import Calibration, Part, read_evaluation
from visml.dashboard.lenient import RecordRefused
from visml.dashboard.values import small_values

SCORED = ("one", "two", "plain", "small")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.make_pictures(tmp_path_factory.mktemp("photos") / "set & <i>", count=2)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """Two models with bins, one without, one without and of another size, and one that was not evaluated."""
    root = tmp_path_factory.mktemp("source")
    for seed, name in enumerate(("one", "two")):
        made.evaluated(made.make_model(root / name, seed), pictures)
    made.evaluated(made.make_model(root / "plain", 2, "regression"), pictures, prior=1)
    made.evaluated(made.make_model(root / "small", 3, "chroma_mean", {}), pictures)
    made.make_model(root / "new", 4)
    return root


@pytest.fixture
def root(source: Path, tmp_path: Path) -> Path:
    """The same in a folder that a test may change."""
    shutil.copytree(source, tmp_path / "checkpoints")
    return tmp_path / "checkpoints"


@pytest.fixture
def context(root: Path, pictures: Path, tmp_path: Path) -> Iterator[Context]:
    with serving(root, tmp_path / "cache", pictures) as context:
        yield context


@contextmanager
def serving(root: Path, cache: Path, images: Path | None) -> Iterator[Context]:
    from flask import Flask

    settings = made.settings(root, cache, images)
    yield Context.of(settings, small_values(Flask("test"), settings))


def board_of(root: Path) -> Board:
    return read_board(checkpoints.list_checkpoints(root)[0])


def strings(content: Any) -> str:
    """Everything a tree of components holds, as JSON."""
    return json.dumps(content, default=lambda c: c.to_plotly_json() if isinstance(c, Component) else str(c))


def every(part: Component, kind: str) -> list[Any]:
    return [each for each in (part, *part._traverse()) if type(each).__name__ == kind]


def text(part: Any) -> str:
    """The words of a component, white space made plain."""
    if not isinstance(part, Component):
        return "" if part is None else str(part)
    children = getattr(part, "children", None)
    inside = children if isinstance(children, list | tuple) else [children]
    return " ".join(" ".join(map(text, inside)).split())


def details(root: Path, context: Context, model: str) -> Component:
    found = {each.name: each for each in checkpoints.list_checkpoints(root)[0]}.get(model)
    return model_part(board_of(root), found, context, "s")


# ---- reading ------------------------------------------------------------------------------------------------------


def test_an_evaluation_is_read_as_it_was_written(root: Path) -> None:
    written, evaluation = made.read(root / "one"), read_evaluation(checkpoints.describe(root / "one"))
    assert (evaluation.data, evaluation.size, evaluation.pictures) == ("set & <i>", 224, 4)
    assert evaluation.prior == ("set 0", 10)
    assert evaluation.current
    assert evaluation.has_bins
    expected = {key: value for key, value in made.row(written).items() if isinstance(value, float)}
    assert expected.items() <= evaluation.scores().items()
    assert evaluation.scores()["ece"] == written["calibration"]["ece"]
    assert [curve.method for curve in evaluation.curves] == [curve["method"] for curve in written["curves"]]
    assert list(evaluation.curves[0].raw) == written["curves"][0]["raw"]
    assert len(evaluation.temperatures) == 5
    assert [each.name for each in evaluation.best] == [each["picture"] for each in written["best"]]
    assert evaluation.worst[0].painted_mean == (
        written["worst"][0]["painted_mean_a"],
        written["worst"][0]["painted_mean_b"],
    )


def test_an_older_file_lacks_what_it_lacks(root: Path, context: Context) -> None:
    rows = [{k: v for k, v in row.items() if k not in ("ssim", "rmse_ab")} for row in made.read(root / "one")["rows"]]
    gone = dict.fromkeys(("calibration", "temperatures", "best", "worst", "prior"))
    made.change(root / "one", rows=rows, **gone)
    evaluation = read_evaluation(checkpoints.describe(root / "one"))
    assert (evaluation.calibration, evaluation.temperatures, evaluation.best) == (None, (), ())
    assert "ssim" not in evaluation.scores()
    part = details(root, context, "one")
    assert "An older evaluation" in text(part)
    assert "visml evaluate --model one --data PICTURES -o checkpoints/one --sweep" in text(part)


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": 2}', '{"schema": 1}', '{"schema": 1, "rows": [3, null]}'])
def test_what_is_no_evaluation_is_refused_in_a_sentence(root: Path, content: str) -> None:
    (root / "one" / "evaluation.json").write_text(content)
    with pytest.raises(RecordRefused, match="'one'"):
        read_evaluation(checkpoints.describe(root / "one"))
    board = board_of(root)
    assert [name for name, _ in board.broken] == ["one"]
    assert board.missing == ("new",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
@hypothesis_settings(max_examples=40, deadline=None, database=None)
def test_nothing_in_a_file_breaks_the_page(source: Path, pictures: Path, data: st.DataObject) -> None:
    content = made.read(source / "one")
    for _ in range(data.draw(st.integers(1, 4))):
        spoil(content, data)
    drawn(content, source, pictures)


@pytest.mark.parametrize("value", [3.4028235677973366e38, -1e300, 10**400], ids=["float32", "float64", "whole"])
def test_numbers_that_no_chart_can_show_leave_a_gap(source: Path, pictures: Path, value: float) -> None:
    content = made.read(source / "one")
    content["calibration"]["parts"][0] |= {"low": value, "high": -value, "accuracy": value, "positions": value}
    drawn(content, source, pictures)


def drawn(content: Any, source: Path, pictures: Path) -> None:
    """The page is drawn of an evaluation of this content."""
    folder = source.parent / "spoiled" / "one"
    if not folder.exists():
        shutil.copytree(source / "one", folder)
    (folder / "evaluation.json").write_text(json.dumps(content))
    found = checkpoints.list_checkpoints(folder.parent)[0]
    board = read_board(found)
    with serving(folder.parent, source.parent / "cache", pictures) as context:
        parts = [table_part(board, "s"), group_part(board, board.group_of("one"), "s")]
        parts.append(model_part(board, found[0], context, "s"))
    assert "evaluation" in strings(parts)


def spoil(content: dict[str, Any], data: st.DataObject) -> None:
    """Puts anything in the place of a value somewhere in the tree."""
    place: Any = content
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            return
        place = place[key]


# ---- what compares ------------------------------------------------------------------------------------------------


def test_only_the_same_pictures_at_the_same_size_compare(root: Path) -> None:
    board = board_of(root)
    assert [{each.name for each in group.evaluations} for group in board.groups] == [{"one", "two", "plain"}, {"small"}]
    assert board.groups[0].told == "4 pictures \N{MIDDLE DOT} 224 \N{MULTIPLICATION SIGN} 224 px"
    rows = made.read(root / "two")["rows"]
    gray = next(row for row in rows if row["method"] == "gray" and row["category"] is None)
    gray["psnr"] += 0.01  # other pictures under the same name
    made.change(root / "two", rows=rows)
    assert len(board_of(root).groups) == 3
    made.change(root / "two", data="another folder")
    assert board_of(root).group_of("two") != board_of(root).group_of("one")


def test_the_best_by_class_balanced_auc_comes_first(root: Path) -> None:
    group = board_of(root).groups[0]
    scores = [made.row(made.read(root / each.name))["balanced_auc"] for each in group.evaluations]
    assert scores == sorted(scores, reverse=True)


def test_a_baseline_stands_once_unless_training_sets_differ(root: Path) -> None:
    names = [baseline.name for baseline in board_of(root).groups[0].baselines()]
    assert names[0] == "gray"
    assert names.count("random picture") == 1
    assert sum(name.startswith("training mean of ") for name in names) == 2
    assert [baseline.name for baseline in board_of(root).groups[1].baselines()].count("training mean") == 1


def test_marks_are_where_the_best_numbers_are(root: Path) -> None:
    """The dots against the files themselves: one best model, and the baselines that surpass every model."""
    group = board_of(root).groups[0]
    part = table_part(board_of(root), "s")
    body = every(part, "Tbody")[0]
    titles = [text(cell) for cell in every(every(part, "Thead")[0], "Th")]
    merits = {"PSNR, dB": lambda row: row["psnr"], "CIEDE2000": lambda row: -row["ciede2000"]}
    merits |= {"colorfulness to photos": lambda row: -abs(row["colorfulness_difference"])}
    for title, merit in merits.items():
        models = {each.name: merit(made.row(made.read(root / each.name))) for each in group.evaluations}
        for line in every(body, "Tr")[1:]:
            name, mark = line.to_plotly_json()["props"]["data-row"], line.children[titles.index(title)].className
            if name in models:
                assert mark == ("is-best" if models[name] == max(models.values()) else "")
            elif name == "gray":
                ahead = merit(made.row(made.read(root / "one"), "gray")) > max(models.values())
                assert mark == ("is-ahead" if ahead else "")
    assert {
        cell.className for line in every(body, "Tr")[1:] for cell in [line.children[titles.index("colorfulness")]]
    } == {""}
    assert "is-best" not in strings(every(part, "Tbody")[1]), "a single model is best of nothing"


def test_companions_are_passed_over(root: Path) -> None:
    critic = replace(checkpoints.describe(root / "one"), name="one:critic", companion="critic")
    board = read_board([critic])
    assert (board.groups, board.missing) == ((), ())


def test_the_state_follows_the_files(root: Path) -> None:
    before = board_of(root).state
    assert board_of(root).state == before
    shutil.copy(root / "one" / "evaluation.json", root / "new" / "evaluation.json")
    assert board_of(root).state != before


# ---- the parts of the page ----------------------------------------------------------------------------------------


def test_every_number_stands_in_the_table_with_its_definition(root: Path) -> None:
    part = table_part(board_of(root), "s")
    lines = {line.to_plotly_json()["props"].get("data-row"): text(line) for line in every(part, "Tr")}
    for name in SCORED:
        row = made.row(made.read(root / name))
        assert f"{row['balanced_auc']:.2f}" in lines[name]
        assert f"{row['rmse_ab']:.2f}" in lines[name]
        assert f"{row['colorfulness_difference']:+.1f}".replace("-", "\N{MINUS SIGN}") in lines[name]
    calibration = made.read(root / "one")["calibration"]
    assert f"{calibration['ece']:.1%}" in lines["one"]
    heads = every(every(part, "Thead")[0], "Th")
    assert [head.title for head in heads[1:]] == [metric.meaning for metric in metrics()]
    assert all(len(metric.meaning) > 20 for metric in metrics())
    assert "PSNR and colorfulness rank nothing" in text(part)
    assert "Only rows under one heading compare" in text(part)
    assert "not evaluated yet: new" in text(part)


def test_the_browser_gets_every_curve_and_category(root: Path) -> None:
    board = board_of(root)
    data = json.loads(json.dumps(group_data(board.groups[0], board.metrics()), allow_nan=False))
    written = made.read(root / "one")
    series = {each["key"]: each for each in data["series"]}
    for key, method in (("one", "model"), ("~gray", "gray")):
        curves = next(each for each in written["curves"] if each["method"] == method)
        np.testing.assert_allclose(series[key]["raw"], curves["raw"], atol=5e-5)
    lines = [(each["color"], each["dash"]) for each in data["series"] if " of plain" not in each["key"]]
    assert len(set(lines)) == len(lines) == 7
    assert data["categories"] == list(made.CATEGORIES)
    values = data["values"]["psnr"]
    column = data["columns"].index("one")
    assert values[0][column] == made.row(written)["psnr"]
    assert values[2][column] == made.row(written, category=made.CATEGORIES[1])["psnr"]
    assert values[1][-1] == made.row(written, "gray", made.CATEGORIES[0])["psnr"]


def test_names_from_files_never_reach_plotly(root: Path, context: Context) -> None:
    made.change(root / "one", data="<b>evil</b>")
    board = board_of(root)
    parts = [group_part(board, board.group_of("one"), "s"), details(root, context, "one")]
    graphs = [graph for part in parts for graph in every(part, "Graph")]
    assert len(graphs) == 5
    drawn = strings([graph.figure for graph in graphs])
    assert "evil" not in drawn
    assert "bold" not in drawn


def test_charts_say_what_they_show(root: Path, context: Context) -> None:
    part = details(root, context, "one")
    charts = {
        chart.id: chart.to_plotly_json()["props"]
        for chart in every(part, "Div")
        if getattr(chart, "role", None) == "img"
    }
    written = made.read(root / "one")
    assert f"ECE {written['calibration']['ece']:.1%}" in charts["evaluation-reliability"]["aria-label"]
    best = max(written["temperatures"], key=lambda each: each["balanced_auc"])
    told = f"highest at T {best['temperature']:g}: {best['balanced_auc']:.2f} %"
    assert told in charts["evaluation-sweep-auc"]["aria-label"]
    row = made.row(written)
    assert f"own: {row['colorfulness'] - row['colorfulness_difference']:.1f}" in text(part)
    assert [text(summary) for summary in every(part, "Summary")] == [
        "The 15 parts as a table", "As a table", "Names, scores and mean colors",
    ]  # fmt: skip


def test_means_of_a_calibration_weigh_its_positions() -> None:
    parts = (Part(0, 0.5, 0.4, 0.2, 300), Part(0.5, 1, 0.9, 0.5, 100), Part(1, 1, None, None, 0))
    means = Calibration(0.1, 1.0, parts).means()
    assert means == pytest.approx((0.525, 0.275))
    assert Calibration(0.1, 1.0, parts[2:]).means() is None


def test_a_model_without_bins_says_so(root: Path, context: Context) -> None:
    part = details(root, context, "plain")
    assert "Without bins there are no probabilities" in text(part)
    assert "one color, whatever the temperature" in text(part)
    assert every(part, "Graph") == []
    table = every(part, "Details")[0]
    assert table.open
    worst = made.read(root / "plain")["worst"][0]
    for key in ("mean_a", "mean_b", "painted_mean_a", "painted_mean_b"):
        assert f"{worst[key]:.1f}".replace("-", "\N{MINUS SIGN}") in text(table)
    assert len([each for each in every(table, "Span") if each.className == "swatch"]) == 2 * 8


def test_other_weights_are_told(root: Path, context: Context) -> None:
    assert "other weights" not in text(details(root, context, "one"))
    made.change(root / "one", model_sha256="0" * 64)
    assert "other weights than the checkpoint has now" in text(details(root, context, "one"))
    assert "other weights" in text(table_part(board_of(root), "s"))


# ---- pictures -----------------------------------------------------------------------------------------------------


def test_pictures_are_shown_when_the_very_files_are_served(root: Path, context: Context) -> None:
    evaluation = read_evaluation(checkpoints.describe(root / "one"))
    keys = served(context, evaluation.worst)
    assert set(keys) == {each.name for each in evaluation.worst}
    assert why_not(evaluation, context, keys) == ""
    links = every(details(root, context, "one"), "A")
    name = evaluation.best[0].name
    address = f"/?model=one&photo=folder%3A{name.replace('/', '%2F').replace(' ', '+').replace('&', '%26')}&t=0.38"
    assert links[0].href == address.replace("<", "%3C").replace(">", "%3E")
    assert context.gallery.find(links[0].to_plotly_json()["props"]["data-photo"]).label == Path(name).name


def test_a_changed_file_is_another_picture(root: Path, pictures: Path, tmp_path: Path) -> None:
    images = tmp_path / pictures.name
    shutil.copytree(pictures, images)
    evaluation = read_evaluation(checkpoints.describe(root / "one"))
    changed = images / evaluation.best[0].name
    changed.write_bytes((images / evaluation.best[1].name).read_bytes())
    with serving(root, tmp_path / "cache", images) as context:
        assert set(served(context, evaluation.best)) == {each.name for each in evaluation.best[1:]}
        assert "3 of 4 are shown" in text(details(root, context, "one"))
        shutil.rmtree(images / "things")
        shutil.rmtree(images / "animals")
        assert served(context, evaluation.best) == {}
        assert "were changed or removed" in why_not(evaluation, context, {})


def test_without_pictures_the_reason_stands_there(root: Path, tmp_path: Path, pictures: Path) -> None:
    other = made.make_pictures(tmp_path / "other", count=1)
    shutil.move(other / "animals", other / "beasts")
    shutil.rmtree(other / "things")
    for images, reason in ((None, "visml serve --images .../set & <i>"), (other, "the page serves photos of 'other'")):
        with serving(root, tmp_path / "cache", images) as context:
            part = details(root, context, "one")
            assert reason in text(part)
            assert every(part, "Img") == []
            assert every(part, "Details")[-1].open
    made.change(root / "one", temperature=2.0)
    with serving(root, tmp_path / "cache", pictures) as context:
        assert "not at T 2" in text(details(root, context, "one"))


# ---- the question and its answer ----------------------------------------------------------------------------------


@pytest.fixture
def client(root: Path, tmp_path: Path, pictures: Path) -> FlaskClient:
    return create_app(made.settings(root, tmp_path / "cache", pictures)).server.test_client()


def ask(client: FlaskClient, model: str, *seen: str) -> dict[str, Any]:
    """What the server puts into the page: new children by part."""
    parts = ("evaluation-board", "evaluation-group", "evaluation-model")
    body = {
        "output": f"..{'...'.join(f'{part}.children' for part in parts)}..",
        "outputs": [{"id": part, "property": "children"} for part in parts],
        "inputs": [{"id": "evaluation-asked", "property": "data", "value": {"model": model, "seen": list(seen)}}],
        "changedPropIds": ["evaluation-asked.data"],
    }
    response = client.post("/_dash-update-component", json=body)
    return response.get_json()["response"] if response.status_code == 200 else {}


def seen(answer: dict[str, Any]) -> list[str]:
    return [part["children"]["props"]["data-seen"] for part in answer.values()]


def test_each_part_is_sent_when_it_is_new(client: FlaskClient, root: Path) -> None:
    first = ask(client, "one")
    assert len(first) == 3
    assert ask(client, "one", *seen(first)) == {}
    assert set(ask(client, "two", *seen(first))) == {"evaluation-model"}
    assert set(ask(client, "small", *seen(first))) == {"evaluation-group", "evaluation-model"}
    made.change(root / "two", seconds=1.5)
    assert len(ask(client, "one", *seen(first))) == 3


def test_a_model_that_was_not_evaluated_says_how(client: FlaskClient) -> None:
    answer = ask(client, "new")
    told = json.dumps(answer["evaluation-model"])
    assert "visml evaluate --model new --data PICTURES -o checkpoints/new --sweep" in told
    assert "data-group" in json.dumps(answer["evaluation-group"]), "the others still compare"
    assert "There is no such model" in json.dumps(ask(client, "../one")["evaluation-model"])


def test_where_nothing_was_evaluated_the_page_says_how(client: FlaskClient, root: Path) -> None:
    for name in SCORED:
        (root / name / "evaluation.json").unlink()
    (root / "one" / "evaluation.json").write_text("{")
    told = json.dumps(ask(client, "one"))
    assert "No model was evaluated yet" in told
    assert "The evaluation.json of 'one' cannot be read." in told
    assert "visml evaluate --model NAME" in told


def test_a_companion_is_not_scored(root: Path, context: Context) -> None:
    critic = replace(checkpoints.describe(root / "new"), name="new:critic", companion="critic")
    assert "paints nothing" in text(model_part(board_of(root), critic, context, "s"))


def test_the_page_has_its_own_address(client: FlaskClient) -> None:
    assert client.get("/evaluation").status_code == 200
