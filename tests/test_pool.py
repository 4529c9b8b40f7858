"""Processes that are killed, cannot start, hang or answer nonsense: nobody waits for ever."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait

import pytest

from tinydigits.pool import Pool, ProcessKilled, pool_for_now

SECONDS = 20  # more than anything here takes


# Processes import no test, so their work is Python's own: `eval` and `exec` of these.
DIE = "__import__('os').kill(__import__('os').getpid(), 9)"
DIE_ONCE = """
import os
import signal
if not os.path.exists({0!r}):
    open({0!r}, "w").close()
    os.kill(os.getpid(), 9)
"""
# An error that can be sent and not received.
FUSSY = "raise type('Fussy', (Exception,), {'__reduce__': lambda self: (int, ('x',))})()"
NOTHING = (exec, "pass")


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(2, *NOTHING, tries=3)
    yield pool
    pool.close()
    assert pool.ready == 0
    assert not multiprocessing.active_children()


def ready(pool: Pool, count: int) -> None:
    until = time.monotonic() + SECONDS
    while pool.ready != count:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_idle_processes_that_are_killed_are_replaced_unasked(pool: Pool) -> None:
    ready(pool, 2)
    before = multiprocessing.active_children()
    for process in before:
        process.kill()
    for process in before:
        process.join()
    ready(pool, 2)
    after = {process.pid for process in multiprocessing.active_children()}
    assert len(after) == 2 and not after & {process.pid for process in before}
    assert pool.submit(os.getpid).result(SECONDS) in after


def test_work_whose_process_is_killed_is_done_by_another(pool: Pool, tmp_path: object) -> None:
    others = [pool.submit(os.getpid) for _ in range(20)]
    pool.submit(exec, DIE_ONCE.format(f"{tmp_path}/killed")).result(SECONDS)
    assert os.path.exists(f"{tmp_path}/killed")
    assert len({other.result(SECONDS) for other in others}) <= 2


def test_work_that_kills_every_process_fails_and_the_rest_is_done(pool: Pool) -> None:
    deadly = pool.submit(eval, DIE)
    others = [pool.submit(os.getpid) for _ in range(20)]
    with pytest.raises(ProcessKilled, match="is there enough memory"):
        deadly.result(SECONDS)
    assert all(other.result(SECONDS) for other in others)


def test_work_that_takes_too_long_loses_its_process(pool: Pool) -> None:
    hanging = [pool.submit(time.sleep, 1000, seconds=0.2) for _ in range(3)]
    for one in hanging:
        with pytest.raises(TimeoutError):
            one.result(SECONDS)
    assert pool.submit(os.getpid, seconds=SECONDS).result(SECONDS) > 0


def test_what_work_raises_is_raised_and_its_process_goes_on(pool: Pool) -> None:
    with pytest.raises(ValueError, match="invalid literal") as raised:
        pool.submit(int, "x").result(SECONDS)
    assert "in another process" in raised.value.__notes__[0]
    with pytest.raises(ValueError, match="'x'"):
        pool.submit(exec, FUSSY).result(SECONDS)
    for unsendable in ((lambda: 1,), (eval, "lambda: 1")):
        with pytest.raises(Exception, match=r"[Pp]ickle|get local object"):
            pool.submit(*unsendable).result(SECONDS)
    assert pool.submit(os.getpid).result(SECONDS) > 0


def test_a_process_killed_before_it_has_all_to_start_with_is_replaced() -> None:
    pool = Pool(1, len, bytes(10_000_000))
    for process in multiprocessing.active_children():
        process.kill()
    assert pool.submit(os.getpid).result(SECONDS) > 0  # it waited for the next
    pool.close()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_process_hears_no_signal_from_its_first_moment_on(signum: int) -> None:
    pool = Pool(1, len, "")
    (process,) = multiprocessing.active_children()
    assert process.pid
    os.kill(process.pid, signum)
    assert pool.submit(os.getpid).result(SECONDS) == process.pid  # no other took its place
    os.kill(process.pid, signum)
    assert pool.submit(os.getpid).result(SECONDS) == process.pid
    pool.close()


def test_processes_that_cannot_start_keep_nobody_waiting() -> None:
    pool = Pool(2, os._exit, 3)
    with pytest.raises(ProcessKilled):
        pool.submit(os.getpid).result(SECONDS)
    assert pool.ready == 0
    pool.close()
    assert not multiprocessing.active_children()


def test_closing_waits_for_no_work() -> None:
    with pool_for_now(1, *NOTHING) as pool:
        futures: list[Future[None]] = [pool.submit(time.sleep, 1000) for _ in range(3)]
        while not futures[0].running():
            time.sleep(0.01)
    assert not multiprocessing.active_children()
    assert not wait(futures, SECONDS).not_done
    for future in futures:
        with pytest.raises(ProcessKilled):
            future.result()


def test_two_pools_leave_each_other_alone() -> None:
    with pool_for_now(1, *NOTHING) as kept:
        pid = kept.submit(os.getpid).result(SECONDS)
        with pool_for_now(1, *NOTHING) as other:
            assert other.submit(os.getpid).result(SECONDS) != pid
        assert kept.submit(os.getpid).result(SECONDS) == pid
