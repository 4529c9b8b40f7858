"""Firefox and WebKitGTK, driven by the commands of W3C WebDriver, over a socket and over HTTP."""

import itertools
import json
import os
import shutil
import socket
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import pytest

START_SECONDS, ANSWER_SECONDS = 60.0, 60.0
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what WebDriver calls an element's key
Strokes = list[list[list[float]]]


def needed(*programs: str, package: str) -> None:
    """Skip where a program is missing; fail where everything has to be there (CI)."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        message = f"{', '.join(missing)} is not here: apt-get install {package}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


class Driver:
    """A browser with one window, and how a person uses it."""

    def command(self, name: str, **parameters: Any) -> Any:
        """Run a command of WebDriver by its name in the standard."""
        raise NotImplementedError

    def visit(self, url: str) -> None:
        self.command("Navigate To", url=url)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function's body, in JavaScript, returns."""
        return self.command("Execute Script", script=script, args=list(arguments))

    def until(self, script: str, *arguments: Any) -> Any:
        """Wait until a function's body returns something true, and give that."""
        end = time.monotonic() + ANSWER_SECONDS
        while not (found := self.run(script, *arguments)):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.1)
        return found

    def find(self, selector: str) -> str:
        found = self.command("Find Element", using="css selector", value=selector)
        key: str = found.get("value", found)[_ELEMENT]
        return key

    def click(self, selector: str) -> None:
        self.command("Element Click", element=self.find(selector))

    def choose(self, selector: str, path: Path) -> None:
        """Give a file to an input for files."""
        self.command("Element Send Keys", element=self.find(selector), text=str(path))

    def draw(self, strokes: Strokes, left: float = 0.3, size: float = 0.6) -> None:
        """Draw on the pad with the mouse, as `Opened.draw`."""
        x, y, width, height = self.run(
            """const pad = document.querySelector("#pad");
            pad.scrollIntoView({ block: "center" });
            const box = pad.getBoundingClientRect();
            return [box.x, box.y, box.width, box.height];"""
        )
        scale = size * height / 100
        x, y = x + left * width, y + (1 - size) / 2 * height
        steps: list[dict[str, Any]] = []
        for stroke in strokes:
            moves = [
                {
                    "type": "pointerMove",
                    "x": round(x + across * scale),
                    "y": round(y + down * scale),
                    "duration": 0,
                }
                for across, down in stroke
            ]
            pressed, released = ({"type": f"pointer{kind}", "button": 0} for kind in ("Down", "Up"))
            steps += [moves[0], pressed, *moves[1:], released]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}}
        self.command("Perform Actions", actions=[{**mouse, "actions": steps}])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        raise NotImplementedError


class Firefox(Driver):
    """Firefox without a window, by Marionette: JSON with its length before it, on a socket."""

    _NAMES: ClassVar = {"Navigate To": "Navigate", "Execute Script": "ExecuteScript"}

    def __init__(self, profile: Path) -> None:
        needed("firefox-esr", package="firefox-esr")
        port = _free_port()
        settings = {"marionette.port": port, "datareporting.policy.dataSubmissionEnabled": False}
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});"
            for name, value in settings.items()
        ]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = [
            "firefox-esr",
            "--headless",
            "--marionette",
            "--profile",
            str(profile),
            "--no-remote",
        ]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(profile)},
        )  # fmt: skip
        self._numbers = itertools.count(1)
        self._socket: socket.socket | None = None
        try:
            self._socket = _connected(port, self._process)
            self._receive()  # it says hello
            self.command("New Session", capabilities={"alwaysMatch": {}})
        except BaseException:
            self.close()
            raise

    def command(self, name: str, **parameters: Any) -> Any:
        if "element" in parameters:
            parameters["id"] = parameters.pop("element")
        own = self._NAMES.get(name, name.replace(" ", ""))
        text = json.dumps([0, next(self._numbers), f"WebDriver:{own}", parameters]).encode()
        assert self._socket
        self._socket.sendall(b"%d:%b" % (len(text), text))
        _, _, error, result = self._receive()
        assert error is None, error
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def _receive(self) -> Any:
        assert self._socket
        length = b""
        while not length.endswith(b":"):
            length += self._socket.recv(1) or _ended()
        content = b""
        while len(content) < int(length[:-1]):
            content += self._socket.recv(2**16) or _ended()
        return json.loads(content)

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._process.terminate()
        self._process.wait()


class WebKit(Driver):
    """WebKitGTK's own small browser on a screen that nobody sees, by WebKitWebDriver."""

    _PATHS: ClassVar = {
        "Navigate To": "url",
        "Execute Script": "execute/sync",
        "Find Element": "element",
        "Perform Actions": "actions",
        "Element Click": "element/{}/click",
        "Element Send Keys": "element/{}/value",
    }

    def __init__(self, folder: Path) -> None:
        needed("WebKitWebDriver", "Xvfb", package="webkit2gtk-driver xvfb")
        reading, writing = os.pipe()
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x900x24", "-nolisten", "tcp"],
            pass_fds=[writing], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as told:
            display = told.readline().strip()
        port = _free_port()
        self._process = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={
                **os.environ, "DISPLAY": f":{display}", "HOME": str(folder), "GDK_BACKEND": "x11",
                "LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
                "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # as root there is none
            },
        )  # fmt: skip
        self._port, self._session = port, "/session"
        try:
            _connected(port, self._process).close()
            session = self._post("", capabilities={"alwaysMatch": {}})
            self._session += f"/{session['sessionId']}"
        except BaseException:
            self.close()
            raise

    def command(self, name: str, **parameters: Any) -> Any:
        return self._post(
            "/" + self._PATHS[name].format(parameters.pop("element", "")), **parameters
        )

    def _post(self, path: str, **parameters: Any) -> Any:
        asked = HTTPConnection("127.0.0.1", self._port, timeout=2 * ANSWER_SECONDS)
        kind = {"Content-Type": "application/json"}
        asked.request("POST", self._session + path, json.dumps(parameters), kind)
        answer = json.loads(asked.getresponse().read())["value"]
        asked.close()
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def close(self) -> None:
        for process in (self._process, self._screen):
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _connected(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 2 * ANSWER_SECONDS)
        except OSError:
            assert process.poll() is None, f"{process.args} ended"
            assert time.monotonic() < end, f"{process.args} never listened"
            time.sleep(0.1)


def _ended() -> bytes:
    raise AssertionError("the browser ended")
