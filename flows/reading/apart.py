"""What a command reads once, by hand, is read in a copy of its process that may use only so much time and memory."""

from __future__ import annotations

import os
import pickle
import resource
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, TypeVar, cast

from flows.reading.child import OUT_OF_TIME, allow
from flows.settings import Settings
from model import TallybookError, UnreadableError

_Said = TypeVar("_Said")


def apart(work: Callable[..., _Said], *given: Any, seconds: int | None = None, memory: int | None = None) -> _Said:
    """What `work` comes to, which must be plain data, done within so much processor time and memory (the settings').

    A process of several threads cannot be copied: there a reader does it, and `work` is a function of a module that
    readers know. Raises what it raises, and `UnreadableError` where it takes more.
    """
    settings = Settings.load()
    seconds, memory = seconds or settings.read_seconds, memory or settings.read_memory
    if threading.active_count() > 1 and given:
        from flows.reading.readers import shared_readers

        return cast(_Said, shared_readers(seconds, memory).called(work, given))
    told, telling = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.close(told)
        _do(partial(work, *given), telling, seconds, memory)
    os.close(telling)
    with os.fdopen(told, "rb") as pipe:
        answer = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == OUT_OF_TIME:
        raise UnreadableError(f"reading it takes more than {seconds} s of processor time", reason="too_slow")
    if code or not answer:
        raise UnreadableError(f"reading it takes more than {memory // 2**20} MiB of memory", reason="too_large")
    done, error = pickle.loads(answer)
    if error is not None:
        raise error
    return cast(_Said, done)


def _do(work: Callable[[], Any], telling: int, seconds: int, memory: int) -> NoReturn:
    """Work and tell what came of it, in the copy; nothing of the command that goes on elsewhere is done here."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    allow(seconds)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    code = 1
    try:
        with os.fdopen(telling, "wb") as pipe:
            pipe.write(_told(work))
        code = 0
    finally:
        os._exit(code)


def _told(work: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps((work(), None), 5)
    except MemoryError:
        raise
    except TallybookError as error:
        return pickle.dumps((None, _plain(error)), 5)
    except Exception as error:
        broken = RuntimeError(f"{type(error).__name__}: {error}")
        broken.add_note(traceback.format_exc())
        return pickle.dumps((None, broken), 5)


def _plain(error: TallybookError) -> TallybookError:
    """An error that can be handed on: its message and hint, of the kind that decides the exit code."""
    if isinstance(error, UnreadableError):
        return UnreadableError(error.message, error.hint, reason=error.reason)
    plain = TallybookError(error.message, error.hint)
    plain.exit_code = error.exit_code
    return plain
