"""A Ray cluster for the time of a `with`: joined where it is, or started here and ended."""

import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tinydigits.errors import TinydigitsError

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_OBJECT_STORE = 256 * 2**20  # bytes, of a cluster of our own: MNIST takes 55 MB
_ANSWER_SECONDS = 60
# In a process of its own: where nobody answers, Ray tries for minutes, then ends the process.
_TRY = "import sys, ray; ray.init(sys.argv[1], log_to_driver=False, logging_level='ERROR')"


@contextmanager
def cluster(address: str) -> Iterator[None]:
    """Be connected to a cluster; what Ray says meanwhile becomes one sentence.

    Args:
        address: "local" starts one on this machine and ends it; "auto" joins the one that runs
            here; "host:port" joins that one. There is no default: Ray's own may join a stranger's.

    Raises:
        TinydigitsError: there is no such cluster, or it gave up.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # Ray warns until it is set
    import ray
    from ray.exceptions import RayError, RayTaskError

    _check(address)
    own: dict[str, Any] = {
        "include_dashboard": False,
        "num_cpus": CORES,
        "object_store_memory": _OBJECT_STORE,
    }
    try:
        ray.init(
            address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            **(own if address == "local" else {}),
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        nothing = "no Ray cluster runs on this machine; start one: ray start --head"
        why = nothing if address == "auto" else f"no way into '{address}': {_first(str(error))}"
        raise TinydigitsError(why) from error
    try:
        yield
    except RayTaskError as error:
        cause = error.cause
        if isinstance(cause, (TinydigitsError, OSError)):
            raise cause from error
        raise TinydigitsError(f"work failed on the cluster: {_last(str(error))}") from error
    except RayError as error:
        raise TinydigitsError(f"the cluster gave up: {_first(str(error))}") from error
    finally:
        ray.shutdown()


def cpus() -> int:
    """How many CPUs the nodes have together that are alive now."""
    import ray

    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _check(address: str) -> None:
    """Refuse an address at which there is no cluster, or none that lets us in."""
    if address in ("local", "auto"):
        return
    if not (found := re.fullmatch(r"(.+):(\d{1,5})", address)) or "/" in address:
        raise TinydigitsError(f"'{address}' is no cluster; give local, auto or HOST:PORT")
    try:
        socket.create_connection((found[1], int(found[2])), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise TinydigitsError(
            f"no Ray cluster answers at {address}; start one: ray start --head --port {found[2]}"
        ) from error
    command = [sys.executable, "-c", _TRY, address]
    try:
        tried = subprocess.run(command, timeout=_ANSWER_SECONDS, capture_output=True, text=True)
    except subprocess.TimeoutExpired as error:
        raise TinydigitsError(f"what listens at {address} does not answer as Ray does") from error
    if "AuthenticationError" in tried.stderr:
        raise TinydigitsError(
            f"the cluster at {address} wants Ray's token: set RAY_AUTH_MODE=token, and "
            "RAY_AUTH_TOKEN if ~/.ray/auth_token is not the head's"
        )
    if tried.returncode:
        raise TinydigitsError(f"no way into the cluster at {address}: {_last(tried.stderr)}")


def _first(text: str) -> str:
    return next(iter(text.strip().splitlines()), "it does not say why")


def _last(text: str) -> str:
    return ([*text.strip().splitlines()] or ["it does not say why"])[-1]
