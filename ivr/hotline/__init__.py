"""A hotline as a whole: its flows and prompts read together, tested, drawn, and served by edition.

Brings rooms together that do not know each other (flow, speech, services, flow tests, pictures); wires no call.
"""
