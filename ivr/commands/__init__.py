"""The commands of `ivr`, by what they are for. Each reads settings, calls one room and tells what came of it."""
