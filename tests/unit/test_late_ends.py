"""The end of a call that is written only when the store is back undoes nothing of what a later call has done since."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.test_joining import BEGUN, OTHER, House, known


async def test_a_late_end_opens_no_conversation_that_a_later_call_has_closed() -> None:
    house = House()
    first = house.call()
    await first.step(BEGUN)
    await first.step(known())
    house.room.outage.begin("away")
    unwritten = await first.record.close(replace(first.progress, phase="ended", gone=True, outcome="hung_up"))
    house.room.outage._on.clear()
    second = house.call(OTHER)
    await second.step(BEGUN)
    await second.step(replace(known(), node="other"))
    await second.step(replace(known(), node="other", phase="ended", outcome="completed"))
    assert unwritten
    for step in unwritten:
        await house.store.save(step)
    story = await house.story(second.conversation)
    assert story.contacts == 2
    assert story.conversation.outcome == "completed"
    assert story.conversation.incomplete
    assert story.progress
    assert story.progress.node == "other"
