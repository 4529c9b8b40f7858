"""The documents: every link leads somewhere, every file and command that they name exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tinydigits.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("**/*.md")),
    *sorted((ROOT / "benchmarks").glob("*.md")),
    ROOT / "tests" / "golden" / "README.md",
]
FOLDERS = ("benchmarks", "docs", "notebooks", "pictures", "src", "tests", "weights")
FUNCTION = r"`(?![\w/]+\.py`)[\w.]+`"  # a name in a list of stations that is not a file's
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The fragments that GitHub gives a page's headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    found: dict[str, int] = {}
    names = set()
    for title in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title)
        name = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        names.add(f"{name}-{found[name]}" if name in found else name)
        found[name] = found.get(name, 0) + 1
    return names


def dead_links(page: Path) -> list[str]:
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, fragment = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        known = not fragment or target.suffix != ".md" or fragment in anchors(target)
        if not target.exists() or not known:
            dead.append(link)
    return dead


def command_lines(text: str) -> Iterator[str]:
    """What the blocks of code run of ours, each without its prompt and its remark."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        lines = block.splitlines() if language in ("", "console") else []
        prompted = [line for line in lines if line.startswith("$ ")]  # the others are output
        for line in prompted or lines:
            for part in re.split(r"&&|\|", line.removeprefix("$ ")):
                if part.strip().startswith("tinydigits "):
                    yield part.strip()


def unknown_words(line: str) -> list[str]:
    """Commands and options in a line that the command line does not have."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(line, comments=True)[1:]
    while words and hasattr(command, "commands"):
        if words[0] not in command.commands:
            return words[:1]
        command = command.commands[words.pop(0)]
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    given = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    return sorted(given - options)


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    assert dead_links(page) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"])
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]+)`", page.read_text(encoding="utf-8"))
    commands = re.findall(
        r"python ((?:benchmarks|weights)/[\w/]+\.py)", page.read_text(encoding="utf-8")
    )
    assert [name for name in (*named, *commands) if not (ROOT / name).exists()] == []


@every_page
def test_every_command_in_a_page_has_its_options(page: Path) -> None:
    unknown = {
        line: words
        for line in command_lines(page.read_text(encoding="utf-8"))
        if (words := unknown_words(line))
    }
    assert unknown == {}


@every_page
def test_a_block_of_commands_can_be_pasted_whole(page: Path) -> None:
    """`bulk` refuses a folder that holds what was read from another input."""
    for block in re.findall(r"^```.*?^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        inputs: dict[str, str] = {}
        for pictures, out in re.findall(r"tinydigits bulk (\S+) --out (\S+)", block):
            assert inputs.setdefault(out, pictures) == pictures, f"{out} is begun twice"


def test_every_station_is_a_function_in_its_file() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    missing = []
    for station in re.findall(r"^\d+\. (.*(?:\n +.*)*)", text, re.MULTILINE):
        for name, functions in re.findall(rf"`([\w/]+\.py)`((?:,?\s+{FUNCTION})+)", station):
            sources = [
                each.read_text(encoding="utf-8") for each in files if str(each).endswith(f"/{name}")
            ]
            for function in re.findall(r"`([\w.]+)`", functions):
                last = function.split(".")[-1]
                defined = re.compile(rf"^ *(async def|def|class) {last}\b", re.MULTILINE)
                if not any(defined.search(source) for source in sources):
                    missing.append((name, function))
    assert missing == []


def test_the_index_lists_every_document() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path for path in (ROOT / "docs").glob("**/*.md") if path.name != "README.md"]
    assert [path for path in pages if f"]({path.relative_to(ROOT / 'docs')})" not in index] == []


def test_a_dead_link_a_dead_anchor_and_a_wrong_option_are_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One way\n```python\nread\n```\ntinydigits isn't a command here.\n"
        "[a](gone.md) [b](#one-way) [c](#other) `[d](e.md)`\n"
        "```\ntinydigits read a.png --json --jason\ntinydigits fly  # --now\n```\n",
        encoding="utf-8",
    )
    assert dead_links(page) == ["gone.md", "#other"]
    lines = command_lines(page.read_text(encoding="utf-8"))
    assert [unknown_words(line) for line in lines] == [["--jason"], ["fly"]]
