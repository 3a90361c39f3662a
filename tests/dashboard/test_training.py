"""The Training page: its parts for a run, several, a kept epoch, a companion and a bare model, and its routes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient
from PIL import Image

from tests import run_folder
from tests.tables import problems
from visml import checkpoints
from visml.dashboard import run_page, runs
from visml.dashboard.app import create_app
from visml.dashboard.facts import facts
from visml.dashboard.records import read_history
from visml.models import registry
from visml.settings import Settings


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    run_folder.make_whole_run(root, "toy")
    run_folder.make_model(root / "bare")
    for name in ("second", "third", "fourth", "fifth"):
        run_folder.make_model(root / name)
        run_folder.write_history(root / name, 2)
    painter = registry.build("pix2pix", {"width": 1 / 32})
    checkpoints.save(
        root / "painter", painter, {"width": 1 / 32}, epoch=3, recipe={"objective": {"name": "adversarial"}}
    )
    run_folder.write_losses(root / "painter", 3, {"critic": 0.6, "adversarial": 1.0, "l1": 20.0})
    return root


@pytest.fixture(scope="module")
def client(root: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = Settings(checkpoints=root, cache_dir=tmp_path_factory.mktemp("cache"))
    return create_app(settings).server.test_client()


PARTS = ("training-body", "training-curves", "training-rest")


def ask(client: FlaskClient, model: str, **more: Any) -> dict[str, str]:
    """The parts that the server puts into the page, as JSON; those that stay as they are are missing."""
    outputs = [{"id": part, "property": "children"} for part in PARTS]
    asked = {"model": model, "beside": [], "seen": "", "drawn": ""} | more
    body = {
        "output": "..training-body.children...training-curves.children...training-rest.children..",
        "outputs": outputs,
        "inputs": [{"id": "training-asked", "property": "data", "value": asked}],
        "changedPropIds": ["training-asked.data"],
    }
    response = client.post("/_dash-update-component", json=body)
    if response.status_code == 204:
        return {}
    assert response.status_code == 200
    return {part: json.dumps(value["children"]) for part, value in response.get_json()["response"].items()}


def opened(root: Path, name: str) -> tuple[checkpoints.Checkpoint, list[checkpoints.Checkpoint]]:
    listed = checkpoints.list_checkpoints(root)[0]
    return next(each for each in listed if each.name == name), listed


def strings(content: Any) -> str:
    """Everything a tree of components holds, as JSON."""
    return json.dumps(content, default=lambda c: c.to_plotly_json() if isinstance(c, Component) else str(c))


def own_data(root: Path, name: str) -> dict[str, Any]:
    """What the browser gets of a model's own run."""
    numbers = run_page.body(*opened(root, name))[0].to_plotly_json()["props"]["data-run"]
    data: dict[str, Any] = json.loads(numbers)
    return data


def drawn_data(answer: dict[str, str]) -> dict[str, Any]:
    """What the browser gets of the runs drawn."""
    data: dict[str, Any] = json.loads(json.loads(answer["training-curves"])[0]["props"]["data-curves"])
    return data


def test_every_chart_is_there(client: FlaskClient) -> None:
    answer = ask(client, "toy")
    for chart in ("loss-0", "accuracy", "relaxed_accuracy", "lr"):
        assert f'"data-chart": "{chart}"' in answer["training-curves"]
    for chart in ("heatmap", "lines", "sweep"):
        assert f'"data-chart": "{chart}"' in answer["training-rest"]


def test_folder_names_never_reach_plotly(root: Path) -> None:
    own, listed = opened(root, "toy")
    parts = [*run_page.charts([own], listed), *run_page.rest(own, listed)]
    graphs = [c for part in parts for c in _every(part) if type(c).__name__ == "Graph"]
    assert len(graphs) == 7
    drawn = strings([graph.figure for graph in graphs])
    for name in run_folder.CATEGORIES:
        assert name.split("/")[1] not in drawn


def _every(part: Any) -> list[Component]:
    return [part, *part._traverse()] if isinstance(part, Component) else []


def test_the_most_accurate_category_comes_first(root: Path) -> None:
    run = runs.read_run(checkpoints.describe(root / "toy"))
    assert run.categories == tuple(reversed(run_folder.CATEGORIES))
    final = run.by_category("accuracy")[:, -1]
    assert (np.diff(final) < 0).all()


def test_the_browser_gets_every_number_of_the_run(root: Path) -> None:
    data = own_data(root, "toy")
    lines = run_folder.history_lines(run_folder.EPOCHS)
    assert data["epochs"] == [1, 2, 3, 4]
    assert data["overall"]["accuracy"] == pytest.approx([line["accuracy"] for line in lines], rel=1e-5)
    row = data["categories"].index("scenes/sea")
    wanted = [line["categories"]["scenes/sea"]["relaxed_accuracy"] for line in lines]  # type: ignore[index]
    assert data["byCategory"]["relaxed_accuracy"][row] == pytest.approx(wanted, rel=1e-5)
    assert data["samples"]["photos"] == list(run_folder.PHOTOS)
    assert data["least"] == 4


def test_the_charts_hold_every_loss_of_training_and_validation(client: FlaskClient) -> None:
    lines = run_folder.history_lines(run_folder.EPOCHS)
    chart = drawn_data(ask(client, "toy"))["charts"][0]
    for drawn, key in zip(chart["lines"], ("losses", "validation"), strict=True):
        wanted = [line[key]["cross_entropy"] for line in lines]  # type: ignore[index]
        assert drawn["values"] == pytest.approx(wanted, rel=1e-5)


def test_a_category_that_appears_late_leaves_a_gap(tmp_path: Path) -> None:
    folder = tmp_path / "late"
    run_folder.make_model(folder)
    first, second = run_folder.history_lines(2, ("a", "b"))
    del first["categories"]["b"]  # type: ignore[attr-defined]
    (folder / "history.jsonl").write_text(json.dumps(first) + "\n" + json.dumps(second) + "\n")
    data = own_data(tmp_path, "late")
    assert data["byCategory"]["accuracy"][data["categories"].index("b")][0] is None


# ---- several runs ----------------------------------------------------------------------------------------------


def test_up_to_three_runs_are_drawn_beside_the_open_one(client: FlaskClient) -> None:
    asked = ["second", "../toy", "toy", "bare", "second", "third", "painter", "fourth", "fifth", "toy@2"]
    data = drawn_data(ask(client, "toy", beside=asked))
    assert [run["name"] for run in data["runs"]] == ["toy", "second", "third", "painter"]
    assert [run["epochs"][-1] for run in data["runs"]] == [4, 2, 2, 3]
    assert data["others"] == ["fifth", "fourth", "painter", "second", "third", "toy"]


@pytest.mark.parametrize("beside", [None, "second", [1, None], {"second": 1}])
def test_what_is_no_list_of_names_draws_nothing_more(client: FlaskClient, beside: object) -> None:
    assert [run["name"] for run in drawn_data(ask(client, "toy", beside=beside))["runs"]] == ["toy"]


def test_each_part_is_sent_once_and_again_when_its_run_went_on(client: FlaskClient, root: Path) -> None:
    own, second = opened(root, "toy")[0], opened(root, "second")[0]
    seen = {"seen": run_page.own_state(own), "drawn": run_page.drawn_state([own])}
    first = ask(client, "toy")
    assert seen["seen"] in first["training-body"]
    assert seen["drawn"] in first["training-curves"]
    assert ask(client, "toy", **seen) == {}
    assert ask(client, "toy", **(seen | {"beside": ["second"]})).keys() == {"training-curves"}
    assert ask(client, "toy", **(seen | {"seen": "toy:0"})).keys() == {"training-body", "training-rest"}
    both = run_page.drawn_state([own, second])
    assert ask(client, "toy", **(seen | {"drawn": both})).keys() == {"training-curves"}
    assert ask(client, "toy", beside=["second"], seen=seen["seen"], drawn=both) == {}


def test_the_signature_follows_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    run_folder.make_model(folder)
    found = {runs.signature(folder)}
    for write in (
        lambda: run_folder.write_history(folder, 1),
        lambda: run_folder.write_samples(folder, 1),
        lambda: (folder / "weights.json").write_text("{}"),
        lambda: (folder / "lr_find.json").write_text("{}"),
        lambda: (folder / "state.pt").write_bytes(b""),
    ):
        write()
        found.add(runs.signature(folder))
    assert len(found) == 6


def test_a_run_under_way_is_said_to_be(tmp_path: Path) -> None:
    folder = run_folder.make_run(tmp_path, "toy")
    assert own_data(tmp_path, "toy")["underWay"] is False
    (folder / "state.pt").write_bytes(b"")
    assert own_data(tmp_path, "toy")["underWay"] is True
    assert "in training" in strings(run_page.body(*opened(tmp_path, "toy")))


# ---- parts of a run --------------------------------------------------------------------------------------------


def test_epochs_whose_weights_can_be_opened_are_named(root: Path) -> None:
    assert own_data(root, "toy")["kept"] == {"2": "toy@2", "4": "toy"}


def test_a_kept_epoch_shows_the_run_it_is_of_and_stands_at_it(client: FlaskClient, root: Path) -> None:
    data = own_data(root, "toy@2")
    assert (data["model"], data["run"], data["at"], data["epochs"]) == ("toy@2", "toy", 2, [1, 2, 3, 4])
    answer = ask(client, "toy@2")
    assert "the run of toy, after epoch 2" in answer["training-body"]
    assert "2 of 4" in answer["training-body"]
    assert [run["name"] for run in drawn_data(answer)["runs"]] == ["toy"]


def test_a_companion_shows_the_run_it_was_trained_in(client: FlaskClient, root: Path) -> None:
    answer, data = ask(client, "painter:critic"), own_data(root, "painter:critic")
    assert (data["run"], data["at"], data["kept"]) == ("painter", None, {"3": "painter"})
    assert "the run of painter, trained together" in answer["training-body"]
    assert [chart["title"] for chart in drawn_data(answer)["charts"]] == [
        "Critic",
        "Adversarial",
        "L1",
        "Learning rate",
    ]
    assert "No accuracy" in answer["training-curves"]
    assert "heatmap" not in answer["training-rest"]


def test_a_folder_whose_name_has_an_at_is_no_kept_epoch(tmp_path: Path) -> None:
    run_folder.make_run(tmp_path, "toy@7")
    data = own_data(tmp_path, "toy@7")
    assert (data["run"], data["at"], data["kept"]) == ("toy@7", None, {"4": "toy@7"})


# ---- what is not there -----------------------------------------------------------------------------------------


def test_without_a_history_the_page_says_so_and_still_tells_what_the_model_is(client: FlaskClient) -> None:
    answer = ask(client, "bare")
    assert "No training history" in answer["training-body"]
    assert "visml train" in answer["training-body"]
    assert "131,725" in answer["training-body"]
    assert "data-chart" not in "".join(answer.values())


def test_other_runs_are_drawn_beside_a_model_without_a_history(client: FlaskClient) -> None:
    answer = ask(client, "bare", beside=["second"])
    assert [run["name"] for run in drawn_data(answer)["runs"]] == ["second"]


def test_without_a_sweep_the_command_is_named(client: FlaskClient) -> None:
    assert (
        "visml lr-find RECIPE.toml --data PICTURES --out checkpoints/second" in ask(client, "second")["training-rest"]
    )
    told = ask(client, "toy")["training-rest"]
    assert "visml lr-find" not in told
    assert '"1.0e-3"' in told


@pytest.mark.parametrize(("epochs", "least"), [(1, None), (60, 60)])
def test_a_short_and_a_long_run_have_a_page(tmp_path: Path, epochs: int, least: int | None) -> None:
    run_folder.make_model(tmp_path / "toy", epochs)
    run_folder.write_history(tmp_path / "toy", epochs)
    own, listed = opened(tmp_path, "toy")
    assert own_data(tmp_path, "toy")["least"] == least
    assert '"data-chart": "loss-0"' in strings(run_page.charts([own], listed))
    assert '"data-chart": "heatmap"' in strings(run_page.rest(own, listed))


def test_an_unknown_model_gets_a_sentence(client: FlaskClient) -> None:
    assert "There is no such model" in ask(client, "../toy")["training-body"]


# ---- routes ----------------------------------------------------------------------------------------------------


def test_a_sample_is_served_as_it_was_written(client: FlaskClient) -> None:
    address = "/data/checkpoint/toy/samples/3/coffee.webp"
    response = client.get(address)
    assert response.status_code == 200
    assert response.mimetype == "image/webp"
    assert "immutable" in response.headers["Cache-Control"]
    pixel = Image.open(io.BytesIO(response.data)).convert("RGB").getpixel((5, 5))
    assert pixel == run_folder.sample_color(3, run_folder.PHOTOS.index("coffee"))
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["toy/samples/9/coffee", "toy/samples/1/moon", "toy/samples/1/..%2f..%2fmodel", "none/samples/1/coffee",
     "bare/samples/1/coffee", "toy/samples/-1/coffee", "toy/samples/1/%2e%2e"],
)  # fmt: skip
def test_what_the_index_does_not_name_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/data/checkpoint/{path}.webp").status_code == 404


@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_the_weights_histograms_are_sent_once(client: FlaskClient, encoding: str) -> None:
    address, headers = "/data/checkpoint/toy/weights.json?v=1", {"Accept-Encoding": encoding}
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert "no-cache" in response.headers["Cache-Control"]
    if encoding == "identity":
        assert problems(response.get_json(), "weights.json") == []
        assert response.get_json() == run_folder.weights(run_folder.EPOCHS)
    again = client.get(address, headers=headers | {"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_run_has_the_runs_histograms(client: FlaskClient) -> None:
    assert client.get("/data/checkpoint/toy@2/weights.json").get_json() == run_folder.weights(run_folder.EPOCHS)


@pytest.mark.parametrize("name", ["bare", "none", "..%2ftoy", "%2e%2e", "toy@3", "toy:critic"])
def test_histograms_that_are_not_there_are_not_found(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/data/checkpoint/{name}/weights.json")
    assert answer.status_code == 404
    assert problems(answer.get_json(), "error") == []


# ---- facts -----------------------------------------------------------------------------------------------------


def test_facts_tell_what_is_known_and_nothing_else(root: Path) -> None:
    rows = dict(facts(checkpoints.describe(root / "toy").description, read_history(root / "toy")))
    assert rows["network"] == "zhang16, width 0.0625"
    assert rows["trained on"] == "1,234 pictures, 56 kept for validation"
    assert rows["epochs"] == "4 of 4"
    assert rows["time"] == "21 min"
    assert rows["left out"] == "7 too small"
    assert rows["objective"] == "cross entropy, rebalanced at λ 0.5"
    assert rows["licence"] == "test only"


def test_a_run_that_went_on_from_another_tells_how_many_epochs_are_its_own(root: Path) -> None:
    history = read_history(root / "toy")
    for planned, told in ((2, "4, the last 2 by this recipe"), (8, "4 of 8"), (0, "4"), ("x", "4"), (None, "4")):
        assert dict(facts({"recipe": {"epochs": planned}}, history))["epochs"] == told
    assert facts({}, ()) == []
    assert facts({"recipe": 7, "data": [], "parameters": "many", "arguments": None}, ()) == []


def test_facts_of_a_recipe_name_what_was_set() -> None:
    recipe = {
        "start": "vgg19", "objective": {"name": "adversarial", "l1": 100.0, "note": "no"},
        "optimizer": {"lr": 2e-4, "schedule": "step", "weight_decay": 10**400},
    }  # fmt: skip
    assert facts({"recipe": recipe}, ()) == [
        ("started from", "vgg19"), ("objective", "adversarial, l1 100"), ("optimizer", "lr 0.0002, step"),
    ]  # fmt: skip
