"""A small hotline whose callers are heard, with a question of every kind."""

from __future__ import annotations

from ivr.flow.reading.loader import parse_flow
from tests.unit.player import Player

TEXT = """
flow: spoken
languages: [tr, en]
start: hello
defaults: {timeout: 5s, interdigit: 2s, otherwise: people, ask_back: ask_back}
keys:
  repeat: "*"
  back: "#"
  agent: {key: 0, next: people}
  phrases: {repeat: {tr: [tekrar], en: [repeat]}, back: {tr: [geri]}, agent: {tr: [temsilci], en: [agent]}}
nodes:
  hello: {say: hello, next: pick}
  pick:
    menu: pick
    spoken: pick_spoken
    choices:
      fault: {key: 1, phrases: {tr: [arıza, internetim kesildi], en: [fault]}, next: sure}
      bill: {key: 2, phrases: {tr: [fatura], en: [bill]}, next: bye}
      english: {key: 9, phrases: [english], language: en, next: pick}
      whole: {key: 3, phrases: {tr: [bütün]}, next: whole}
      digits: {key: 4, phrases: {tr: [rakam]}, next: digits}
      secret: {key: 5, phrases: {tr: [şifre]}, next: code}
      deaf: {key: 6, phrases: {tr: [sağır]}, next: by_key}
      read: {key: 7, phrases: {tr: [okuma]}, next: read}
      call: {key: 8, phrases: {tr: [geri arama]}, next: call_me}
  sure: {collect: sure, type: yes_no, next: agreed}
  whole: {menu: whole, bargein: false, choices: {one: {key: 1, phrases: {tr: [bir]}, next: bye}}}
  digits: {collect: digits, spoken: digits_spoken, length: 3, next: bye}
  code: {collect: code, length: 4, sensitivity: secret, next: bye}
  by_key: {collect: by_key, length: 2, listen: false, next: bye}
  read: {collect: read, type: amount, confirm: is_it, next: bye}
  call_me: {callback: agents, reason: busy, next: bye}
  agreed: {menu: agreed, choices: {agreed: {key: 1, phrases: {tr: [evet]}, next: bye}}}
  people: {transfer: agents, say: to_agent, reason: asked}
  bye: {end: bye}
"""
FLOW = parse_flow(TEXT, "spoken.yaml")
HEARD = ("tr", "en")


def at(words: str = "", hears: tuple[str, ...] = HEARD) -> Player:
    """A caller at the first menu, or where these words lead from it."""
    call = Player(FLOW, hears=hears).hear()
    return call.type(words) if words else call
