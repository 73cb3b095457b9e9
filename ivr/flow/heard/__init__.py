"""What callers may say where keys are asked for: "yüz kırk iki", "yarın", "saat üç buçuk", in Turkish and English.

It means the same to a question as the keys would, so that a question has one way to read an answer. Pure: no I/O, no
clock; today comes from outside.
"""

from ivr.flow.heard.kinds import Kind, keys_of, likely, vocabulary

__all__ = ["Kind", "keys_of", "likely", "vocabulary"]
