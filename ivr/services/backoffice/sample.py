"""The invented customers that the sample back office starts with. Demo and tests name them by these constants.

The numbers follow the numbering plan; nobody is meant by them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.services.shapes import State


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A line that a customer has. `area` is the exchange area, where outages happen."""

    number: str
    product: str
    area: str
    state: State = "up"

    @property
    def ending(self) -> str:
        """The last two digits."""
        return self.number[-2:]


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """A customer: `main` is the contact number, `alternates` are others of the household that are registered too.

    `number` is the customer number on the bill. `birth_year` is None where the company does not know it.
    """

    id: str
    name: str
    main: str
    lines: tuple[SampleLine, ...]
    alternates: tuple[str, ...] = ()
    number: str = field(kw_only=True)
    pin: str = field(kw_only=True, repr=False)
    birth_year: int | None = field(kw_only=True, repr=False)

    @property
    def line(self) -> SampleLine:
        """The first line; most have one."""
        return self.lines[0]


@dataclass(frozen=True, slots=True)
class SampleOutage:
    """What is broken in an area: the cause in Turkish and in English. `until` is a local time, HH:MM."""

    id: str
    area: str
    cause: tuple[str, str]
    until: str


FIBRE, DSL, HOME_PHONE = "Fiber 100 + ev telefonu", "VDSL 50 + ev telefonu", "Ev telefonu"

# The customer of the story: her only number is the line that is down, so she calls from a mobile nobody knows.
AYSE = SampleCustomer(
    "C1001",
    "Ayşe Yılmaz",
    "+902125554141",
    (SampleLine("+902125554141", FIBRE, "Cihangir", "down"),),
    number="51840273",
    pin="4711",
    birth_year=1958,
)
# Calls from his own mobile; his line is up.
MEHMET = SampleCustomer(
    "C1002",
    "Mehmet Demir",
    "+905325550102",
    (SampleLine("+902165550202", FIBRE, "Moda"),),
    number="60271845",
    pin="2580",
    birth_year=1984,
)
# Her son's mobile is registered for the household; her line is down.
ZEYNEP = SampleCustomer(
    "C1003",
    "Zeynep Kaya",
    "+903125550303",
    (SampleLine("+903125550303", DSL, "Çankaya", "down"),),
    alternates=("+905335550303",),
    number="38815026",
    pin="1923",
    birth_year=1971,
)
# Lives where a cable was cut.
MUSTAFA = SampleCustomer(
    "C1004",
    "Mustafa Şahin",
    "+905325550404",
    (SampleLine("+902325550404", FIBRE, "Bornova", "down"),),
    number="72509318",
    pin="3535",
    birth_year=1949,
)
ELIF = SampleCustomer(
    "C1005",
    "Elif Çelik",
    "+905425550505",
    (SampleLine("+902245550505", HOME_PHONE, "Nilüfer"),),
    number="29460751",
    pin="1616",
    birth_year=1993,
)
# Suspended for an unpaid bill.
EMRE = SampleCustomer(
    "C1006",
    "Emre Yıldız",
    "+905555550606",
    (SampleLine("+902425550606", DSL, "Lara", "suspended"),),
    number="85137042",
    pin="4242",
    birth_year=1988,
)
# Two alternate numbers, and the same cut cable as Mustafa's.
FATMA = SampleCustomer(
    "C1007",
    "Fatma Öztürk",
    "+902325550707",
    (SampleLine("+902325550707", DSL, "Bornova", "down"),),
    alternates=("+905355550707", "+905365550707"),
    number="43972610",
    pin="7391",
    birth_year=1962,
)
# A home and a shop.
HUSEYIN = SampleCustomer(
    "C1008",
    "Hüseyin Aydın",
    "+905305550808",
    (
        SampleLine("+903225550808", FIBRE, "Seyhan"),
        SampleLine("+903225550818", HOME_PHONE, "Seyhan", "down"),
    ),
    number="96024583",
    pin="8080",
    birth_year=1979,
)
# Their daughter's mobile is registered by both parents, who live apart: it names neither.
HATICE = SampleCustomer(
    "C1009",
    "Hatice Arslan",
    "+904625550909",
    (SampleLine("+904625550909", DSL, "Ortahisar"),),
    alternates=("+905445550909",),
    number="17658304",
    pin="6161",
    birth_year=1955,
)
# Nobody knows his birth year.
IBRAHIM = SampleCustomer(
    "C1010",
    "İbrahim Arslan",
    "+902585551010",
    (SampleLine("+902585551010", HOME_PHONE, "Pamukkale"),),
    alternates=("+905445550909",),
    number="64390127",
    pin="5454",
    birth_year=None,
)
# Digits that a careless program would read as the numbers 42, 420111 and 7: her PIN, customer number and bill.
SELIN = SampleCustomer(
    "C1011",
    "Selin Doğan",
    "+905325551111",
    (SampleLine("+903325551111", FIBRE, "Meram"),),
    number="00420111",
    pin="0042",
    birth_year=2000,
)
# Planned work: her line still says up.
GULSEN = SampleCustomer(
    "C1012",
    "Gülşen Koç",
    "+905065551212",
    (SampleLine("+903425551212", FIBRE, "Şahinbey"),),
    number="50718296",
    pin="2727",
    birth_year=1967,
)
# The technician comes today.
DENIZ = SampleCustomer(
    "C1013",
    "Deniz Acar",
    "+905375551313",
    (SampleLine("+902625551313", DSL, "İzmit", "down"),),
    number="81263749",
    pin="9035",
    birth_year=1990,
)
# Has the same PIN as Mehmet. His new router comes tomorrow.
CAN = SampleCustomer(
    "C1014",
    "Can Polat",
    "+905385551414",
    (SampleLine("+902845551414", FIBRE, "Edirne"),),
    number="27095461",
    pin="2580",
    birth_year=2001,
)

SAMPLE = (AYSE, MEHMET, ZEYNEP, MUSTAFA, ELIF, EMRE, FATMA, HUSEYIN, HATICE, IBRAHIM, SELIN, GULSEN, DENIZ, CAN)

CABLE_CUT = SampleOutage("K2001", "Bornova", ("kablo hasarı", "a damaged cable"), "18:30")
PLANNED_WORK = SampleOutage("K2002", "Şahinbey", ("planlı bakım", "planned maintenance"), "06:00")

OUTAGES = (CABLE_CUT, PLANNED_WORK)

# Valid numbers that the sample knows nothing of.
UNKNOWN_MOBILE = "+905559998877"
UNKNOWN_LINE = "+902125559999"
