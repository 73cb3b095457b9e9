"""The language of a hotline. Pure: no I/O, no clock, no asyncio.

`model` is what a flow file may say, `loader` reads and checks one, `engine.advance` plays it.
"""
