"""The language of a hotline. Pure: no I/O, no clock, no asyncio.

`model` is what a flow file may say, `reading` makes one from YAML and finds every mistake, `engine.advance` plays it.
"""
