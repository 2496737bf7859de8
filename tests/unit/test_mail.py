"""E-mail: into a folder, where it can be read back, and over SMTP, where what happened must be known exactly."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idm.connector import Change, Confidential, Effect, Ref, Refused, Retry, State, Value, Verb
from idm.mail import MESSAGE, Mail, file_name, folder_mail, smtp_mail
from idm.render import Renderer

SHIPPED = Path(__file__).parents[2] / "templates"
RENDERER = Renderer([SHIPPED])
SENDER = "Børn & Unge <no-reply@idm.example.org>"
ATTRIBUTES: dict[str, Value] = {
    "to": Confidential("anna@private.example.org"),
    "slug": "welcome",
    "language": "da",
    "context.given_name": "Anna",
    "context.unit_name": "Børn & Unge",
    "context.username": "anna01",
    "context.address": "anna01@example.org",
    "context.start_date": "2027-01-04",
    "context.manager_name": "Mette Holm",
}


def post(key: str = "e-1/welcome", changed: Mapping[str, Value] | None = None, verb: Verb = Verb.POST, kind: str = MESSAGE) -> Change:
    return Change(verb, kind, key, f"{kind}/{key}/post", attributes=ATTRIBUTES | dict(changed or {}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "outbox_mail"


@pytest.fixture
def mail(folder: Path) -> Mail:
    return folder_mail(folder, RENDERER, SENDER)


def parsed(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_message_is_a_file_that_any_mail_program_opens(mail: Mail, folder: Path) -> None:
    link = mail.perform(post())
    (path,) = folder.iterdir()
    assert path.name == file_name("e-1/welcome")
    assert path.name.startswith("e-1-welcome-")
    assert path.stat().st_mode & 0o777 == 0o600
    message = parsed(path)
    assert message["To"] == "anna@private.example.org"
    assert message["From"].addresses[0].display_name == "Børn & Unge"
    assert message["Subject"] == "Velkommen til Børn & Unge"
    assert message["Message-ID"] == link
    assert message["Auto-Submitted"] == "auto-generated"
    assert not message.defects
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Kære Anna" in text.get_content()
    assert "mandag den 4. januar 2027" in html.get_content()
    assert all(len(line) <= 998 for line in path.read_bytes().split(b"\r\n"))


def test_what_was_sent_can_be_read_back_and_is_sent_once(mail: Mail, folder: Path) -> None:
    ref = Ref(MESSAGE, "e-1/welcome")
    assert mail.read(ref) is None
    link = mail.perform(post())
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert mail.perform(post(changed={"context.given_name": "Bente"})) == link
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    found = mail.read(ref)
    assert found is not None
    assert (found.key, found.link, found.state, found.managed) == ("e-1/welcome", link, State.ENABLED, True)
    assert found.attributes == {"to": ATTRIBUTES["to"], "slug": "welcome", "language": "da"}
    assert "anna@" not in repr(found)
    assert mail.perform(post("e-2/welcome")) != link
    assert {one.key for one in mail.scan(MESSAGE)} == {"e-1/welcome", "e-2/welcome"}


def test_the_folder_says_what_it_is(mail: Mail, folder: Path) -> None:
    info = mail.describe().kinds[MESSAGE]
    assert info.effect is Effect.KEYED
    assert info.posting
    assert str(folder) in mail.probe()


def test_a_folder_that_cannot_be_used_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mail = folder_mail(tmp_path / "file", RENDERER, SENDER)
    for attempt in (mail.probe, lambda: mail.perform(post()), lambda: mail.read(Ref(MESSAGE, "k"))):
        with pytest.raises(Retry) as caught:
            attempt()
        assert "can't be used" in caught.value.reason


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=50)
@given(keys=st.sets(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=4))
def test_keys_never_meet_and_never_leave_the_folder(folder: Path, keys: set[str]) -> None:
    names = {file_name(key) for key in keys}
    assert len(names) == len(keys)
    assert all((folder / name).parent == folder and not name.startswith(".") and len(name.encode()) < 255 for name in names)


@pytest.mark.parametrize("key", ["e-1/welcome", "../../etc/passwd", "æøå", "k" * 300, "a b", "x: y"])
def test_a_key_is_read_back_as_it_was(mail: Mail, key: str) -> None:
    mail.perform(post(key))
    found = mail.read(Ref(MESSAGE, key))
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"to": ""}, "to"),
        ({"to": "anna"}, "to"),
        ({"to": "anna@x.org, bente@y.org"}, "to"),
        ({"to": "anna@x.org\r\nBcc: bente@y.org"}, "to"),
        ({"to": "<anna@x.org>"}, "to"),
        ({"to": ("a@x.org", "b@x.org")}, "to"),
        ({"to": "anna@.."}, "to"),
        ({"slug": ""}, "slug"),
        ({"slug": "../welcome"}, "slug"),
        ({"slug": "no_such"}, "slug"),
        ({"language": "tlh"}, "slug"),
        ({"context.unit_name": "A\r\nBcc: bente@y.org"}, "slug"),
        ({"context.username": Confidential("secret")}, "slug"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_leaves_nothing(mail: Mail, folder: Path, changed: dict[str, Value], field: str) -> None:
    with pytest.raises(Refused) as caught:
        mail.perform(post(changed=changed))
    assert caught.value.field == field
    assert "@" not in caught.value.reason
    assert "secret" not in caught.value.reason
    assert not folder.exists()


def test_a_wrong_template_is_named_by_file_and_line(tmp_path: Path, folder: Path) -> None:
    own = tmp_path / "templates"
    (own / "email/ours/da").mkdir(parents=True)
    (own / "email/ours/da/subject.txt").write_text("one")
    (own / "email/ours/da/body.txt").write_text("one\n{{ salary }}")
    with pytest.raises(Refused) as caught:
        folder_mail(folder, Renderer([own, SHIPPED]), SENDER).perform(post(changed={"slug": "ours"}))
    assert "email/ours/da/body.txt:2" in caught.value.reason


def test_nobody_waits_for_a_broken_text_of_ones_own(tmp_path: Path, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = tmp_path / "templates"
    (own / "email/welcome/da").mkdir(parents=True)
    (own / "email/welcome/da/body.txt").write_text("one\n{{ salary }}")
    folder_mail(folder, Renderer([own, SHIPPED]), SENDER).perform(post())
    (file,) = folder.glob("*.eml")
    sent = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(sent, EmailMessage)
    body = sent.get_body(("plain",))
    assert body is not None
    assert "Kære Anna" in body.get_content()
    assert "email/welcome/da/body.txt:2" in caplog.text
    assert "anna@" not in caplog.text


@given(st.text(max_size=80))
def test_no_address_gets_another_error_out(text: str) -> None:
    with contextlib.suppress(Refused):
        folder_mail(Path("/nowhere"), RENDERER, SENDER)._message(post(changed={"to": Confidential(text)}))


def test_a_domain_of_danish_letters_is_written_in_ascii(mail: Mail) -> None:
    mail.perform(post(changed={"to": "anna@blåbær.example"}))
    (found,) = mail.scan(MESSAGE)
    assert found.attributes["to"] == "anna@xn--blbr-roah.example"


@pytest.mark.parametrize("verb", [Verb.UPDATE, Verb.END, Verb.DELETE, Verb.CREATE])
def test_mails_are_only_sent(mail: Mail, verb: Verb) -> None:
    with pytest.raises(Refused):
        mail.perform(post(verb=verb))


def test_other_kinds_are_unknown_here(mail: Mail) -> None:
    for attempt in (lambda: mail.perform(post(kind="account")), lambda: mail.read(Ref("account", "k")), lambda: mail.scan("account")):
        with pytest.raises(Refused):
            attempt()


@pytest.mark.parametrize("sender", ["", "nobody", "A <b", "A <b@c", "Anna anna@example.org", "a@b c"])
def test_a_sender_must_be_an_address(folder: Path, sender: str) -> None:
    with pytest.raises(ValueError):
        folder_mail(folder, RENDERER, sender)


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.org",
        "smtp://",
        "smtp://user:password@mail.example.org",
        "smtp://user@mail.example.org?tls=no",
        "smtps://mail.example.org?tls=no",
        "smtp://mail.example.org?tls=yes",
        "smtp://mail.example.org?verify=no",
        "smtp://mail.example.org/path",
        "smtp://mail.example.org:port",
    ],
)
def test_a_mail_servers_address_must_make_sense(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        smtp_mail(url, RENDERER, SENDER, lambda _: "secret")
    assert "password@" not in str(caught.value)
