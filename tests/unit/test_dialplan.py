"""The rendered Asterisk configuration: what it says, and that nothing hostile gets into it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from ivr.errors import SettingsError
from ivr.settings import Settings
from ivr.telephony.ari_events import EAR
from ivr.telephony.dialplan import Places, render, render_folder

PLACES = Places(
    configuration=Path("/etc/asterisk"),
    modules=Path("/usr/lib/asterisk/modules"),
    data=Path("/usr/share/asterisk"),
    state=Path("/var/lib/asterisk"),
    spool=Path("/var/spool/asterisk"),
    cache=Path("/var/cache/asterisk"),
    logs=Path("/var/log/asterisk"),
    run=Path("/run/asterisk"),
)
WITH_PASSWORDS = ("ari.conf", "manager.conf", "pjsip.conf")


def settings(**sections: Any) -> Settings:
    agent = {"phone": "1001", "name": "Deniz", "page_password": "page-password", "phone_password": "phone-password"}
    return Settings(
        **{
            "asterisk": {"ari_password": "ari-password", "ami_password": "ami-password"},
            "web": {"secret": "web-secret", "api_token": "web-token"},
            "services": {"token": "services-token"},
            "agents": [agent],
        }
        | sections
    )


def agent(**values: Any) -> dict[str, Any]:
    return {"phone": "1001", "name": "Deniz", "page_password": "p" * 8, "phone_password": "q" * 8} | values


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def rendered(name: str, places: Places = PLACES, **sections: Any) -> str:
        render(settings(**sections), tmp_path, places)
        return (tmp_path / name).read_text(encoding="utf-8")

    return rendered


def section(text: str, name: str, kind: str = "") -> dict[str, str]:
    """The options of a section; of the one with `type = kind` when several have the name."""
    for part in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("]")
        options = dict(re.findall(r"^(\S[^=\n;]*?)\s*=>?[ \t]*(.*)$", body, flags=re.MULTILINE))
        if title == name and (not kind or options.get("type") == kind or kind in body.partition("\n")[0]):
            return options
    raise AssertionError(f"no section {name} {kind}")


def context(text: str, name: str) -> str:
    """A context of the dialplan, without comments."""
    [body] = re.findall(rf"^\[{re.escape(name)}\]\n(.*?)(?=^\[|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^;.*\n", "", str(body), flags=re.MULTILINE)


def extension(context: str, name: str) -> list[str]:
    """What an extension does, step by step."""
    _, _, rest = context.partition(f"exten => {name},1,")
    return re.findall(r"^(?: same => \w+(?:\(\w+\))?,)?(.+)$", rest.partition("\nexten")[0].strip(), flags=re.MULTILINE)


class TestWhatItSays:
    def test_a_call_is_offered_to_all_controllers_and_falls_back_to_the_queue(self, read: Any) -> None:
        text = read(
            "extensions.conf",
            queues=[{"name": "agents"}, {"name": "night"}],
            controller={"queue": "night"},
            sip={"hotline": "4445000"},
        )
        assert "exten => _[+0-9].,1,Set(DEVAM_TOKEN=${PJSIP_HEADER(read,X-Devam-Token)})" in text
        offer = text.index("StasisBroadcast(500,^ivr-)")
        assert offer < text.index('"${STASISSTATUS}" = "SUCCESS"') < text.index("Goto(devam-queue,night,1)")
        for queue in ("agents", "night"):
            assert f"exten => {queue},1,Set(TIMEOUT(absolute)=0)" in text
            assert f"Queue({queue},rCb(" in text

    def test_a_caller_whom_no_controller_looks_after_gets_to_the_queue(self, read: Any) -> None:
        text = read("extensions.conf", queues=[{"name": "agents"}, {"name": "night"}], controller={"queue": "night"})
        assert extension(context(text, "devam-inbound"), "T") == ["Goto(devam-queue,night,1)"]
        assert "require = func_timeout.so" in read("modules.conf")

    def test_a_time_limit_that_comes_late_leaves_a_caller_in_the_queue(self, read: Any) -> None:
        queue = context(read("extensions.conf"), "devam-queue")
        for waiting in ("agents", "agent-1001"):
            assert extension(queue, waiting)[0] == "Set(TIMEOUT(absolute)=0)"
        assert extension(queue, "T") == ["Goto(i,1)"]

    def test_a_private_queue_is_left_for_the_queue_behind_it(self, read: Any) -> None:
        queues = [{"name": "agents", "ring": 7}, {"name": "faults", "ring": 9}]
        text = read("extensions.conf", queues=queues)
        assert extension(context(text, "devam-agent-or-faults"), "1001") == [
            "Set(DEVAM_QUEUE=faults)",
            "Goto(devam-queue,agent-1001,1)",
        ]
        assert extension(context(text, "devam-agent-or-faults"), "i") == ["Goto(devam-queue,faults,1)"]
        ringing, after = extension(context(text, "devam-queue"), "agent-1001")[-2:]
        assert ringing == "Queue(agent-1001,rCb(devam-agent-header^s^1),,,9)"
        assert after == "Goto(i,1)"
        unknown, known, nowhere = extension(context(text, "devam-queue"), "i")
        assert '"${DEVAM_QUEUE}" = "${INVALID_EXTEN}"' in unknown  # or it would go round for ever
        assert (known, nowhere) == ("Goto(${DEVAM_QUEUE},1)", "Goto(agents,1)")

    def test_a_caller_who_is_sent_back_is_offered_to_the_controllers_again(self, read: Any) -> None:
        text = read("extensions.conf")
        count, again = extension(context(text, "devam-menu"), "_[+0-9].")
        assert count == "Set(DEVAM_VISIT=$[0${DEVAM_VISIT} + 1])"
        assert again == "Goto(devam-inbound,${EXTEN},offer)"
        assert "same => n(offer),StasisBroadcast" in context(text, "devam-inbound")
        variables = section(read("ari.conf"), "general")["channelvars"].split(",")
        assert {"DEVAM_CONVERSATION", "DEVAM_VISIT", "DEVAM_CALLED"} <= {*variables}

    def test_an_older_asterisk_offers_it_to_one_controller(self, read: Any) -> None:
        older = {"ari_password": "ari-password", "ami_password": "ami-password", "broadcast": False}
        text = read("extensions.conf", controller={"name": "izmir"}, asterisk=older)
        assert "Stasis(ivr-izmir)" in text
        assert "StasisBroadcast" not in text
        assert "broadcast" not in read("modules.conf", asterisk=older)

    def test_what_callers_send_is_in_no_expression(self, read: Any) -> None:
        text = read("extensions.conf")
        assert set(re.findall(r"\$\{([A-Za-z_()]+)", text)) == {
            "STASISSTATUS",
            "FILTER(",
            "PJSIP_HEADER(read",
            "DEVAM_CONVERSATION",
            "DEVAM_HEADER",
            "EXTEN",
            "DEVAM_QUEUE",
            "DEVAM_VISIT",
            "INVALID_EXTEN",
            "UNIQUEID",
        }
        # What was dialled only travels; the other extensions are those that a controller chose.
        assert re.findall(r"\S*\$\{EXTEN\}\S*", text) == [
            "n,Set(DEVAM_CALLED=${EXTEN})",
            "n,Goto(devam-inbound,${EXTEN},offer)",
            "_[0-9A-Za-z].,1,AudioSocket(${UNIQUEID:10},${EXTEN})",
        ]

    def test_only_a_controller_sends_channels_to_where_callers_are_heard(self, read: Any) -> None:
        text = read("extensions.conf")
        assert extension(context(text, "devam-audio"), "_[0-9A-Za-z].")[1:] == ["Hangup()"]
        assert "${UNIQUEID:10}" in context(text, "devam-audio")  # without what begins the id
        assert len(EAR) == 10
        assert text.count("devam-audio") == 1
        assert "devam-audio" not in read("pjsip.conf")
        assert {"require = app_audiosocket.so", "require = res_stasis_snoop.so"} <= {*read("modules.conf").splitlines()}

    def test_the_header_comes_from_the_conversation_filtered(self, read: Any) -> None:
        text = read("extensions.conf")
        assert r"DEVAM_HEADER=${FILTER(0-9A-Za-z\-,${DEVAM_CONVERSATION})}" in text
        assert "PJSIP_HEADER(add,X-Devam-Conversation)=${DEVAM_HEADER}" in text

    def test_keys_are_never_logged(self, read: Any) -> None:
        logs = section(read("logger.conf"), "logfiles")
        assert logs == {"messages.log": "warning,error"}
        assert section(read("logger.conf"), "general")["queue_log"] == "no"

    def test_everything_listens_where_it_is_told(self, read: Any) -> None:
        assert section(read("http.conf"), "general")["bindaddr"] == "127.0.0.1"
        assert section(read("manager.conf"), "general")["bindaddr"] == "127.0.0.1"
        sip = {"bind": "::1", "port": 5070, "media_address": "::1"}
        pjsip = read("pjsip.conf", sip=sip)
        assert section(pjsip, "devam-udp")["bind"] == "[::1]:5070"
        assert section(pjsip, "devam-media")["media_address"] == "::1"

    def test_the_trunk_is_known_by_its_address_alone(self, read: Any) -> None:
        trunk = {"name": "carrier", "match": ["192.0.2.0/24"]}
        pjsip = read("pjsip.conf", sip={"trunk": trunk})
        assert section(pjsip, "carrier", "devam-media") | {"identify_by": "ip", "context": "devam-inbound"} == section(
            pjsip, "carrier", "devam-media"
        )
        assert section(pjsip, "carrier", "identify")["match"] == "192.0.2.0/24"
        assert "anonymous" not in section(pjsip, "global")["endpoint_identifier_order"]

    def test_a_softphone_calls_as_a_customer_and_an_agent_cannot(self, read: Any) -> None:
        phone = {"user": "soft", "password": "soft-password", "number": "+905321112233"}
        pjsip = read("pjsip.conf", sip={"softphones": [phone]})
        assert section(pjsip, "soft")["context"] == "devam-inbound"
        assert section(pjsip, "soft")["callerid"] == "<+905321112233>"
        assert section(pjsip, "soft", "devam-phone-auth")["password"] == "soft-password"
        assert section(pjsip, "1001")["context"] == "devam-agent"

    def test_queue_members(self, read: Any) -> None:
        people = [agent(queues=["agents"]), agent(phone="1002", name='Elif, "x" & Ö', queues=["agents", "faults"])]
        queues = [{"name": "agents", "ring": 7}, {"name": "faults"}]
        text = read("queues.conf", agents=people, queues=queues)
        members = re.findall(r"^\[([\w-]+)\].*|^member => (.*)$", text, flags=re.MULTILINE)
        assert members == [
            ("general", ""),
            ("devam-queue", ""),
            ("agents", ""),
            ("", 'PJSIP/1001,0,"Deniz",PJSIP/1001'),
            ("", 'PJSIP/1002,0,"Elif x Ö",PJSIP/1002'),
            ("faults", ""),
            ("", 'PJSIP/1002,0,"Elif x Ö",PJSIP/1002'),
            ("devam-private", ""),
            ("agent-1001", ""),
            ("", 'PJSIP/1001,0,"Deniz",PJSIP/1001'),
            ("agent-1002", ""),
            ("", 'PJSIP/1002,0,"Elif x Ö",PJSIP/1002'),
        ]
        assert section(text, "agents")["timeout"] == "7"
        assert section(text, "devam-private")["timeout"] == "15"

    def test_ami_may_act_on_calls_and_nothing_else(self, read: Any) -> None:
        text = read("manager.conf")
        user = section(text, "devam")
        assert (user["read"], user["write"]) == ("agent", "call")
        assert re.findall(r"^write = (.*)$", text, flags=re.MULTILINE) == ["call"]
        assert section(text, "general")["channelvars"] == "DEVAM_CONVERSATION,DEVAM_VISIT,DEVAM_QUEUE"

    def test_the_operator_is_an_ami_user_of_its_own_and_there_only_when_wanted(self, read: Any) -> None:
        asterisk = {"ari_password": "ari-password", "ami_password": "ami-password", "operator_password": "its-password"}
        user = section(read("manager.conf", asterisk=asterisk), "operator")
        assert (user["secret"], user["read"], user["write"]) == ("its-password", "", "command")
        assert "[operator]" not in read("manager.conf")
        with pytest.raises(SettingsError, match="operator_user"):
            read("manager.conf", asterisk=asterisk | {"operator_user": "devam"})

    def test_only_what_is_listed_is_loaded(self, read: Any) -> None:
        text = read("modules.conf")
        assert section(text, "modules")["autoload"] == "no"
        assert "app_system" not in text
        assert "func_shell" not in text

    def test_files_with_passwords_are_their_owners_alone(self, tmp_path: Path) -> None:
        for file in render(settings(), tmp_path, PLACES):
            assert file.stat().st_mode & 0o777 == 0o600
        assert {*WITH_PASSWORDS} <= {file.name for file in tmp_path.iterdir()}

    def test_passwords_are_nowhere_else(self, tmp_path: Path) -> None:
        for file in render(settings(), tmp_path, PLACES):
            assert ("-password" in file.read_text(encoding="utf-8")) == (file.name in WITH_PASSWORDS)


class TestHostileValues:
    @pytest.mark.parametrize(
        "password",
        [
            *(
                "secret\nwrite = all",
                "secret\r[x]",
                "secret;comment",
                "secret12\\",
                " secret12",
                "secret12 ",
                ">secret12",
            ),
            *("secret12\u2028x", "secret12\x00", "#include12", "secret\x7f1"),
        ],
    )
    def test_a_password_that_would_break_out_is_refused_and_not_shown(self, tmp_path: Path, password: str) -> None:
        asterisk = {"ari_password": "ari-password", "ami_password": password}
        with pytest.raises(SettingsError, match=r"^manager\.conf\.j2: a setting") as caught:
            render(settings(asterisk=asterisk), tmp_path, PLACES)
        assert password.strip() not in str(caught.value)
        assert list(tmp_path.iterdir()) == []

    @settings_of_hypothesis(max_examples=30, deadline=None)  # it writes files
    @given(name=st.text(min_size=1, max_size=80))
    def test_no_name_adds_a_line(self, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        target = tmp_path_factory.mktemp("asterisk")
        plain, hostile = settings(agents=[agent(name="x")]), settings(agents=[agent(name=name)])
        wanted = {file.name: len(file.read_text("utf-8").splitlines()) for file in render(plain, target, PLACES)}
        got = {file.name: len(file.read_text("utf-8").splitlines()) for file in render(hostile, target, PLACES)}
        assert got == {name: wanted[name] for name in got}

    @pytest.mark.parametrize("name", ["general", "globals", "s", "h", "_X.", "devam-queue"])
    def test_names_that_mean_something_to_asterisk_are_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(SettingsError, match=re.escape(name)):
            render(settings(queues=[{"name": "agents"}, {"name": name}]), tmp_path, PLACES)
        with pytest.raises(SettingsError, match=re.escape(name)):
            render(settings(agents=[agent(phone=name)]), tmp_path, PLACES)

    def test_queues_that_asterisk_cannot_tell_apart_are_refused(self, tmp_path: Path) -> None:
        queues = [{"name": "agents"}, {"name": "night-shift"}, {"name": "nightshift"}]
        with pytest.raises(SettingsError, match="night-shift"):
            render(settings(queues=queues), tmp_path, PLACES)

    def test_a_queue_may_not_be_called_like_a_private_one(self, tmp_path: Path) -> None:
        for name in ("agent-1001", "agent1001", "agent-desk"):
            with pytest.raises(SettingsError, match=name):
                render(settings(queues=[{"name": "agents"}, {"name": name}]), tmp_path, PLACES)

    def test_a_phone_may_not_be_called_like_the_trunk(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="trunk"):
            render(settings(agents=[agent(phone="trunk")]), tmp_path, PLACES)


class TestAllOrNothing:
    def test_a_broken_template_leaves_the_old_files(self, tmp_path: Path) -> None:
        templates, target = tmp_path / "templates", tmp_path / "target"
        templates.mkdir()
        (templates / "a.conf.j2").write_text("new {{ word }}\n", encoding="utf-8")
        (templates / "b.conf.j2").write_text("{{ missing }}\n", encoding="utf-8")
        target.mkdir()
        (target / "a.conf").write_text("old\n", encoding="utf-8")
        with pytest.raises(SettingsError, match=r"b\.conf\.j2.*missing"):
            render_folder(templates, target, {"word": "x"})
        assert (target / "a.conf").read_text(encoding="utf-8") == "old\n"
        assert [file.name for file in target.iterdir()] == ["a.conf"]
        (templates / "b.conf.j2").write_text("\n{% if %}\n", encoding="utf-8")
        with pytest.raises(SettingsError, match=r"b\.conf\.j2:2"):
            render_folder(templates, target, {"word": "x"})

    def test_what_cannot_be_written_leaves_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "pjsip.conf").mkdir()
        (tmp_path / "pjsip.conf/x").touch()
        with pytest.raises(SettingsError, match="cannot be written"):
            render(settings(), tmp_path, PLACES)
        assert [file.name for file in tmp_path.iterdir()] == ["pjsip.conf"]

    def test_a_folder_without_templates_is_a_mistake(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"no \*\.conf\.j2"):
            render(settings(), tmp_path, PLACES, templates=tmp_path)

    def test_files_of_others_stay(self, tmp_path: Path) -> None:
        (tmp_path / "acl.conf").write_text("[theirs]\n", encoding="utf-8")
        render(settings(), tmp_path, PLACES)
        assert (tmp_path / "acl.conf").read_text(encoding="utf-8") == "[theirs]\n"
        assert (tmp_path / "features.conf").exists()
