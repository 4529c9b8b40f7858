import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "benchmarks" / "tables.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_say_what_the_results_say(tables: ModuleType) -> None:
    texts = [path.read_text(encoding="utf-8") for path in tables.pages()]
    for text in texts:
        assert tables.with_tables(text) == text, "run: python benchmarks/tables.py"
    for name in tables.TABLES:
        assert sum(text.count(f"<!-- {name} -->\n") for text in texts) == 1, name
    assert any("| `fast` | 5 |" in text for text in texts)


def test_a_changed_number_is_noticed(tables: ModuleType) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("**99.", "**98.")
    assert tables.with_tables(text) != text
