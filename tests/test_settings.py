"""Settings: defaults, variables, flags that beat them, and refusals in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from visml.settings import Settings, SettingsRefused


def test_without_variables_the_page_listens_on_loopback_with_the_shipped_checkpoints() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port, settings.token) == ("127.0.0.1", 8050, None)
    assert settings.checkpoints == Path(__file__).parents[1] / "checkpoints"
    assert settings.cache_dir.name == "visml"


def test_variables_are_read_and_overrides_beat_them() -> None:
    variables = {
        "VISML_PORT": "9000",
        "VISML_IMAGES": "~/photos",
        "VISML_PRECISION": "float32",
        "VISML_TOKEN": "secret",
    }
    settings = Settings.from_environment(variables, port=9001, images=None)
    assert (settings.port, settings.precision, settings.token) == (9001, "float32", "secret")
    assert settings.images == Path.home() / "photos"


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert Settings.from_environment({"VISML_PORT": ""}).port == 8050


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("VISML_PORT", "http", "VISML_PORT must be a whole number, not 'http'"),
        ("VISML_PORT", "70000", "between 0 and 65535"),
        ("VISML_PRECISION", "double", "one of auto, float32, bfloat16"),
        ("VISML_MAX_MB", "0", "VISML_MAX_MB must be larger than 0"),
        ("VISML_CACHE_MB", "-1", "VISML_CACHE_MB must be larger than 0"),
        ("VISML_MAX_MEGAPIXELS", "1e3", "whole number"),
    ],
)
def test_an_impossible_value_is_refused_in_one_sentence(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsRefused, match=sentence):
        Settings.from_environment({variable: value})
