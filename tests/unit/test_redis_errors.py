"""What a Redis refuses, in the operator's words; and who answers first."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError

from context_store.redis_address import Host
from context_store.redis_errors import NodeTrouble, Told, code_of, refusal
from context_store.redis_nodes import first_answer

NAME = "Ayşe"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ResponseError(f"MISCONF {NAME}"), "cannot write to its disk"),
        (
            ResponseError(f"Command # 1 (XADD {NAME}) of pipeline caused error: ('NOREPLICAS {NAME}',)"),
            "too few replic",
        ),
        (OutOfMemoryError(f"{NAME} > 'maxmemory'", status_code="OOM"), "has no memory left"),
        (ReadOnlyError(NAME, status_code="READONLY"), "is a replica and takes no writes"),
        (MovedError("1 a:1", status_code="MOVED"), "is a node of a Cluster"),
        (AskError("1 a:1", status_code="ASK"), "refused with ASK: see its log"),
        (ClusterDownError(NAME, status_code="CLUSTERDOWN"), "has slots that nobody serves"),
        (BusyLoadingError(NAME), "is still loading"),
        (AuthenticationError(NAME), "does not let us in"),
        (ResponseError(f"unknown command '{NAME}'"), "does not know what Devam needs"),
        (ResponseError(NAME), "refused: see its log"),
        (RedisConnectionError("max number of clients reached"), "has no connection left"),
        (RedisConnectionError("Error 1: [SSL: CERTIFICATE_VERIFY_FAILED] …"), "has a certificate that is not trusted"),
        (RedisConnectionError(NAME), r"cannot be reached \(ConnectionError\)"),
        (ConnectionResetError(NAME), r"cannot be reached \(ConnectionResetError\)"),
        (Told("is none"), "^is none$"),
        (
            NodeTrouble(Host("::1", 7), OSError(NAME)),
            r"^has trouble with \[::1\]:7, which cannot be reached \(OSError\)",
        ),
    ],
)
def test_refusals(error: Exception, told: str) -> None:
    with pytest.raises(RuntimeError, match=told) as said:
        raise RuntimeError(refusal(error))
    assert NAME not in str(said.value)


def test_what_is_no_answer_has_no_code() -> None:
    assert code_of(OSError("OOM no")) == code_of(ResponseError("")) == ""


class TestFirstAnswer:
    async def test_the_first_that_answers_counts_and_the_others_are_not_waited_for(self) -> None:
        async def never() -> str:
            await asyncio.Event().wait()
            return "never"

        async def fails() -> str:
            raise OSError

        async def answers() -> str:
            await asyncio.sleep(0)
            return "yes"

        async with asyncio.timeout(10):
            assert await first_answer([never(), fails(), answers()]) == "yes"
        assert [task.get_name() for task in asyncio.all_tasks() if "Redis" in task.get_name()] == []

    async def test_where_all_fail_the_most_telling_error_is_raised(self) -> None:
        async def fails(error: Exception) -> None:
            raise error

        with pytest.raises(Told, match="why"):
            await first_answer([fails(OSError()), fails(Told("why")), fails(RedisError())])
        with pytest.raises(OSError, match="first"):
            await first_answer([fails(OSError("first")), fails(OSError("second"))])

    async def test_who_does_not_wait_leaves_no_task(self) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.0):
                await first_answer([asyncio.Event().wait() for _ in range(3)])
        assert [task.get_name() for task in asyncio.all_tasks() if "Redis" in task.get_name()] == []
