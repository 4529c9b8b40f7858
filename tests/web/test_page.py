"""Putting the page together, and `tinydigits page`."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinydigits.errors import TinydigitsError
from tinydigits.reader.session import SHIPPED
from tinydigits.web.packed import pack
from tinydigits.web.page import STATIC, build_page, join_modules


def test_the_page_is_one_small_file_that_refers_to_nothing() -> None:
    html = build_page().html
    assert len(html.encode()) < 650_000
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', html)
    assert not re.search(r'\son\w+="|\sstyle="', html), "an inline handler or style"


def test_its_policy_allows_its_own_script_and_style_alone() -> None:
    page = build_page()
    for tag, directive in (('script type="module"', "script-src"), ("style", "style-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag.split()[0]}>", page.html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in page.policy
    assert page.policy.count("unsafe") == page.policy.count("'wasm-unsafe-eval'") == 1
    assert f'content="{page.policy}"' in page.html


def test_modules_are_joined_in_order_of_use_and_keep_their_names_to_themselves(
    tmp_path: Path,
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two.js").write_text(
        "const hidden = 2;\nexport const two = () => hidden;\n", encoding="utf-8"
    )
    (tmp_path / "one" / "four.js").write_text("export const four = 4;\n", encoding="utf-8")
    (tmp_path / "one" / "three.js").write_text(
        'import { two } from "../two.js";\nconst hidden = 1;\nexport function three() {\n'
        "  return two() + hidden;\n}\n",
        encoding="utf-8",
    )
    (tmp_path / "main.js").write_text(
        'import { three as drei } from "./one/three.js";\nimport { two } from "./two.js";\n'
        'import { four as other } from "./one/four.js";\nconsole.log(drei(), two(), other);\n',
        encoding="utf-8",
    )
    script = join_modules(tmp_path, "main")
    assert script.count("hidden = 2") == 1
    (tmp_path / "joined.mjs").write_text(script, encoding="utf-8")
    done = subprocess.run(["node", tmp_path / "joined.mjs"], capture_output=True, text=True)
    assert done.stdout == "3 2 4\n", done.stderr


def test_a_module_that_cannot_be_joined_is_refused(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text("export default 3;\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"main\.js"):
        join_modules(tmp_path, "main")
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "main.js").write_text("export const one = 1;\n", encoding="utf-8")
    (tmp_path / "main.js").write_text('import { one } from "./one/main.js";\n', encoding="utf-8")
    with pytest.raises(ValueError, match="several modules are called main"):
        join_modules(tmp_path, "main")


def test_another_network_can_be_given_and_nothing_else(tmp_path: Path) -> None:
    layers = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))
    other = tmp_path / "other.json"
    other.write_text(
        json.dumps(layers | {"temperature": 3.25, "labels": "</script>"}), encoding="utf-8"
    )
    (network,) = re.findall(r'id="network-data">(.*?)</script>', build_page(other).html)
    assert b'"temperature":3.25' in unpacked([network], tmp_path)[0]
    layers["layers"][0]["weight"] = "no base64"
    for text in ("[]", "{}", "no JSON", json.dumps(layers)):
        other.write_text(text, encoding="utf-8")
        with pytest.raises(TinydigitsError, match=r"other\.json is no exported network"):
            build_page(other)


def unpacked(texts: list[str], folder: Path) -> list[bytes]:
    """The bytes of each packed text, by the page's own code, in one process."""
    shutil.copy(next(STATIC.rglob("base64.js")), folder / "packed.mjs")
    (folder / "unpack.mjs").write_text(
        'import { unpack } from "./packed.mjs";\nimport { readFileSync } from "node:fs";\n'
        'for (const text of JSON.parse(readFileSync(0, "utf-8")))\n'
        '  console.log(Buffer.from(unpack(text)).toString("hex"));\n',
        encoding="utf-8",
    )
    command = ["node", str(folder / "unpack.mjs")]
    done = subprocess.run(
        command, input=json.dumps(texts).encode(), capture_output=True, check=True
    )
    return [bytes.fromhex(line) for line in done.stdout.decode().splitlines()]


def test_bytes_are_packed_into_text_and_out_again(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    lengths = (*range(15), 4096)  # 13 bytes are the first whole number of pairs
    given = [*map(generator.bytes, lengths), b"\xff" * 13 + b"\0" * 13]
    texts = [pack(each) for each in given]
    for each, text in zip(given, texts, strict=True):
        assert len(text) <= 1.231 * len(each) + 2
        assert not re.search(r'[^!-~]|[<"\\\\]', text)
    assert unpacked(texts, tmp_path) == given


def test_the_command_writes_the_page_or_says_in_one_sentence_why_not(
    tmp_path: Path, command: Any
) -> None:
    path, bad = tmp_path / "digits.html", tmp_path / "bad.json"
    assert command("page", "-o", path).status == 0
    assert path.read_text(encoding="utf-8") == build_page().html
    bad.write_text("{}", encoding="utf-8")
    done = command("page", "-o", tmp_path / "other.html", "--layers", bad)
    assert (done.status, done.output) == (1, "")
    assert done.errors.startswith(f"tinydigits: {bad} is no exported network")
    assert not (tmp_path / "other.html").exists()
