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
    """A customer: `main` is the contact number, `alternates` are others of the household that are registered too."""

    id: str
    name: str
    pin: str = field(repr=False)
    main: str
    lines: tuple[SampleLine, ...]
    alternates: tuple[str, ...] = ()

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
    "C1001", "Ayşe Yılmaz", "4711", "+902125554141", (SampleLine("+902125554141", FIBRE, "Cihangir", "down"),)
)
# Calls from his own mobile; his line is up.
MEHMET = SampleCustomer("C1002", "Mehmet Demir", "2580", "+905325550102", (SampleLine("+902165550202", FIBRE, "Moda"),))
# Her son's mobile is registered for the household; her line is down.
ZEYNEP = SampleCustomer(
    "C1003",
    "Zeynep Kaya",
    "1923",
    "+903125550303",
    (SampleLine("+903125550303", DSL, "Çankaya", "down"),),
    alternates=("+905335550303",),
)
# Lives where a cable was cut.
MUSTAFA = SampleCustomer(
    "C1004", "Mustafa Şahin", "3535", "+905325550404", (SampleLine("+902325550404", FIBRE, "Bornova", "down"),)
)
ELIF = SampleCustomer(
    "C1005", "Elif Çelik", "1616", "+905425550505", (SampleLine("+902245550505", HOME_PHONE, "Nilüfer"),)
)
# Suspended for an unpaid bill.
EMRE = SampleCustomer(
    "C1006", "Emre Yıldız", "4242", "+905555550606", (SampleLine("+902425550606", DSL, "Lara", "suspended"),)
)
# Two alternate numbers, and the same cut cable as Mustafa's.
FATMA = SampleCustomer(
    "C1007",
    "Fatma Öztürk",
    "7391",
    "+902325550707",
    (SampleLine("+902325550707", DSL, "Bornova", "down"),),
    alternates=("+905355550707", "+905365550707"),
)
# A home and a shop.
HUSEYIN = SampleCustomer(
    "C1008",
    "Hüseyin Aydın",
    "8080",
    "+905305550808",
    (
        SampleLine("+903225550808", FIBRE, "Seyhan"),
        SampleLine("+903225550818", HOME_PHONE, "Seyhan", "down"),
    ),
)
# Their daughter's mobile is registered by both parents, who live apart: it names neither.
HATICE = SampleCustomer(
    "C1009",
    "Hatice Arslan",
    "6161",
    "+904625550909",
    (SampleLine("+904625550909", DSL, "Ortahisar"),),
    alternates=("+905445550909",),
)
IBRAHIM = SampleCustomer(
    "C1010",
    "İbrahim Arslan",
    "5454",
    "+902585551010",
    (SampleLine("+902585551010", HOME_PHONE, "Pamukkale"),),
    alternates=("+905445550909",),
)
# A PIN that a careless program would read as the number 42.
SELIN = SampleCustomer("C1011", "Selin Doğan", "0042", "+905325551111", (SampleLine("+903325551111", FIBRE, "Meram"),))
# Planned work: her line still says up.
GULSEN = SampleCustomer(
    "C1012", "Gülşen Koç", "2727", "+905065551212", (SampleLine("+903425551212", FIBRE, "Şahinbey"),)
)

SAMPLE = (AYSE, MEHMET, ZEYNEP, MUSTAFA, ELIF, EMRE, FATMA, HUSEYIN, HATICE, IBRAHIM, SELIN, GULSEN)

CABLE_CUT = SampleOutage("K2001", "Bornova", ("kablo hasarı", "a damaged cable"), "18:30")
PLANNED_WORK = SampleOutage("K2002", "Şahinbey", ("planlı bakım", "planned maintenance"), "06:00")

OUTAGES = (CABLE_CUT, PLANNED_WORK)

# Valid numbers that the sample knows nothing of.
UNKNOWN_MOBILE = "+905559998877"
UNKNOWN_LINE = "+902125559999"
