"""`ivr simulate`: a call in the terminal. Engine, prompts and services are the real ones; only time is virtual.

`line` plays a call and is pure, as are `question`, `keypad`, `examples` and `typed`. `company` and `mock` answer for
services, `screen` and `tables` show, `terminal` reads. `call` is the call that is being played, `conversation` has it
played by what is typed, `orders` are its commands, `script` saves it as a test; `play` puts all together.
"""
