"""Whether words around a phrase turn it round: "fatura mı", "ödeme istemiyorum", "not the bill". Pure.

Callers say much about what is wrong with them, and most of it denies something: "internetim çalışmıyor", "faturam doğru
değil", "my bill is not right". So it counts what is denied, and where the words stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Turns:
    """What turns a phrase round: right behind it, anywhere before or behind it, and what looks like that only."""

    next_to: str = "(?!)"
    before: str = "(?!)"
    behind: str = "(?!)"
    anywhere: str = "(?!)"
    harmless: str = "(?!)"

    def pattern(self, phrase: str) -> re.Pattern[str]:
        """Found in the words where the phrase is turned round."""
        word = rf"(?<!\S){re.escape(phrase)}(?!\S)"
        ways = (
            rf"{word} (?:{self.next_to})(?!\S)",
            rf"(?<!\S)(?:{self.before}) (?:.* )?{word}",
            rf"{word} (?:.* )?(?:{self.behind})(?!\S)",
            rf"(?<!\S)(?:{self.anywhere}) (?:.* )?{word}",
            rf"{word} (?:.* )?(?:{self.anywhere})(?!\S)",
        )
        return re.compile("|".join(ways))


_TURNS = {
    "tr": _Turns(
        # "fatura mı", "fatura için mi", and not "faturam geldi mi"
        next_to=(
            r"(?:(?:için|ile|falan|filan) )?(?:m[ıiuü](?:y[dmıiuü]\w*|s[ıiuü]n\w*)?"
            r"|olmaz|olmasın|istemez|gerekmez|gerek yok|hariç|dışında|yerine)"
        ),
        behind=r"değil\w*",
        anywhere=(
            r"deme(?:m|dim|dik|yin)|demiyor(?:um|uz)|söyleme(?:dim|dik)|söylemiyor(?:um|uz)|kastetme(?:dim|m)"
            r"|kastetmiyorum|isteme(?:m|dim|yiz|dik)|istemiyor(?:um|uz)|arama(?:dım|dık)|aramıyor(?:um|uz)"
            r"|kabul etm\w+|onaylam(?:am|adım|ıyorum)|ödemeyeceğim|vazgeç(?:tim|tik|iyorum|elim|mek)|boş ?ver\w*|asla"
        ),
        harmless=r"(?:doğru|iyi|normal|belli|aktif|açık|net|düzgün|uygun|hızlı|yeterli|memnun|mümkün) değil\w*",
    ),
    "en": _Turns(
        next_to="not|never",
        before="not|never|cannot|t|dont|didnt|isnt|wont|cant",  # t: of "don't", in the normal form
        anywhere=(
            r"(?:do|did) not (?:say|think|mean|want|agree)|(?:don|didn) t (?:say|think|mean|want|agree)|not (?:now|yet)"
            r"|forget it|never ?mind"
        ),
        harmless=(
            r"(?:(?:do|does|is|was|did|can|will) not|(?:don|doesn|isn|wasn|didn|can|won) t|cannot|not)"
            r" (?:work(?:ing)?|connect(?:ing|ed)?|open|understand|have(?! to))(?!\S)"
        ),
    ),
}  # fmt: skip


def turned_round(phrase: str, said: str, language: str) -> bool:
    """Whether `said` takes back, denies or asks for the phrase that is in it; both in their normal form."""
    turns = _TURNS.get(language)
    if turns is None or phrase == said:
        return False
    return bool(turns.pattern(phrase).search(re.sub(turns.harmless, "", said)))
