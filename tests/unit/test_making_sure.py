"""Who slept makes sure of its call: it looks whose the call is, and looking changes nothing."""

from __future__ import annotations

from tests.unit.takeover_house import Controller, House, press
from tests.virtual_time import run_virtual, until


def test_who_slept_does_not_get_the_call_back_from_a_store_that_has_lost_it() -> None:
    """The store was restarted empty, and the heir has written nothing since."""

    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        del channel.puts["one"]
        heir, serving = two.serve(channel, found=True)
        await until(lambda: "pick" in channel.heard("two"))
        house.store._kept.clear()
        one.tenure.sleep()
        press(session, "1")
        await task
        press(heir, "1")
        await until(lambda: channel.heard("two").count("pick") == 2)
        press(heir, "2")
        await serving
        assert len(house.company.asked) == 1, "by the heir"
        call = await house.interaction(channel)
        assert (call.controller, call.outcome) == ("two", "completed")

    run_virtual(test)
