import subprocess
import sys

import tinydigits


def test_every_public_name_resolves_and_no_other_does() -> None:
    for name in tinydigits.__all__:
        assert getattr(tinydigits, name) is not None
    assert dir(tinydigits) == sorted(tinydigits.__all__)
    assert not hasattr(tinydigits, "no_such_name")


def test_importing_the_package_or_its_command_loads_nothing_heavy() -> None:
    heavy = "numpy torch onnxruntime scipy PIL matplotlib sklearn"
    code = (
        "import sys, tinydigits, tinydigits.cli\n"
        f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
