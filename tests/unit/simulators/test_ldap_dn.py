"""Names, matching rules and filters of the LDAP simulator."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.simulators.ldap_dn import DnError, escape, parse_dn, split
from idm.simulators.ldap_filter import And, Assertion, Extensible, Filter, Not, Or, Present, Substrings, matches
from idm.simulators.ldap_matching import assertion, is_valid, normal, normal_dn, ordering_key, pretty_dn
from idm.simulators.ldap_schema import AttributeType, Schema, load_schema


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load_schema()


def kind(schema: Schema, name: str) -> AttributeType:
    found = schema.attribute(name)
    assert found is not None
    return found


@given(st.binary(min_size=1, max_size=30))
def test_an_escaped_value_comes_back(value: bytes) -> None:
    assert parse_dn(f"cn={escape(value)},dc=x")[0] == (("cn", value),)


@given(st.text(min_size=1, max_size=30))
def test_a_name_splits_before_its_first_bare_comma(value: str) -> None:
    rdn = f"cn={escape(value.encode())}"
    assert split(f"{rdn},ou=a,dc=x") == (rdn, "ou=a,dc=x")


@pytest.mark.parametrize(
    "text", ["zork", "=x", "cn=x,", "cn=x,,dc=y", "cn=a<b", "cn=x;dc=y", "cn=a\\zb", "cn=a\\", "cn=#zz", "cn=#0", "cn=a\0b", "cn=#0403ab x"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(DnError):
        parse_dn(text)


def test_names_are_read_as_rfc_4514_says() -> None:
    assert parse_dn("") == ()
    assert parse_dn("OU=Sales+CN=J. Smith,DC=x")[0] == (("OU", b"Sales"), ("CN", b"J. Smith"))
    assert parse_dn('CN=James \\"Jim\\" Smith\\, III,DC=x')[0] == (("CN", b'James "Jim" Smith, III'),)
    assert parse_dn("CN=Lu\\C4\\8Di\\C4\\87")[0] == (("CN", "Lučić".encode()),)
    assert parse_dn("1.3.6.1.4.1.1466.0=#04024869")[0] == (("1.3.6.1.4.1.1466.0", b"Hi"),)
    assert parse_dn("cn= a \\ ,dc=x")[0] == (("cn", b"a  "),)


def test_two_ways_to_write_a_name_are_one_name(schema: Schema) -> None:
    one = normal_dn(schema, "UID=Anna+CN=B,OU=People,DC=Example,DC=org")
    assert one == normal_dn(schema, " cn = b + userid=ANNA , ou=people, dc=example,dc=ORG ")
    assert pretty_dn(schema, "UserID=A\\,b+CN= B ,DC=x") == "cn=B+uid=A\\2Cb,dc=x"
    with pytest.raises(DnError):
        normal_dn(schema, "zork=1,dc=x")


@pytest.mark.parametrize(
    ("attribute", "good", "bad"),
    [
        ("cn", ["Åse", "x"], ["", b"\xff"]),
        ("mail", ["a@example.org"], ["æ@example.org"]),
        ("member", ["dc=x", ""], ["zork", "zork=1"]),
        ("uidNumber", ["0", "-7", "12"], ["", "01", "x", "-0"]),
        ("olcReadOnly", ["TRUE"], ["true", "1"]),
        (
            "pwdAccountLockedTime",
            ["000001010000Z", "20261122120000Z", "202611221200+0100"],
            ["soon", "20261322120000Z", "000001010000+0100"],
        ),
        ("entryUUID", ["597ae2f6-16a6-1027-98f4-d28b5365dc14"], ["597ae2f6"]),
        ("telephoneNumber", ["+45 12 34"], ["", "ø"]),
        ("x121Address", ["12 3"], ["x"]),
        ("objectClass", ["person", "2.5.6.6"], ["", "a b"]),
        ("c", ["DK"], []),
    ],
)
def test_values_keep_their_syntax(schema: Schema, attribute: str, good: list[str], bad: list[str | bytes]) -> None:
    for value in good:
        assert is_valid(schema, kind(schema, attribute), value.encode()), value
    for wrong in bad:
        assert not is_valid(schema, kind(schema, attribute), wrong if isinstance(wrong, bytes) else wrong.encode()), wrong


@pytest.mark.parametrize(
    ("attribute", "one", "other"),
    [
        ("cn", "Åse  Ærø ", "åse ÆRØ"),
        ("mail", "A@example.org", "a@EXAMPLE.org"),
        ("member", "UID=a, DC=x", "uid=A,dc=X"),
        ("telephoneNumber", "+45 12-34", "+451234"),
        ("objectClass", "person", "2.5.6.6"),
        ("createTimestamp", "20261122130000+0100", "20261122120000.0Z"),
        ("entryUUID", "597AE2F6-16A6-1027-98F4-D28B5365DC14", "597ae2f6-16a6-1027-98f4-d28b5365dc14"),
        ("x121Address", "1 2", "12"),
    ],
)
def test_values_that_are_the_same_have_one_form(schema: Schema, attribute: str, one: str, other: str) -> None:
    assert normal(schema, kind(schema, attribute), one.encode()) == normal(schema, kind(schema, attribute), other.encode())


def test_values_that_differ_differ(schema: Schema) -> None:
    for attribute, one, other in (("cn", "a b", "ab"), ("homeDirectory", "/A", "/a"), ("userPassword", "A", "a"), ("uidNumber", "1", "11")):
        assert normal(schema, kind(schema, attribute), one.encode()) != normal(schema, kind(schema, attribute), other.encode())
    assert assertion(schema, kind(schema, "jpegPhoto"), b"x") is None


def test_numbers_are_ordered_as_numbers(schema: Schema) -> None:
    numbers = kind(schema, "uidNumber")
    keys = [ordering_key(schema, numbers, value) for value in (b"-5", b"9", b"10")]
    assert all(key is not None for key in keys)
    assert keys == sorted(key for key in keys if key is not None)
    assert ordering_key(schema, numbers, b"x") is None
    assert ordering_key(schema, kind(schema, "cn"), b"x") is None


def judge(schema: Schema, filter_: Filter, **stored: list[str]) -> bool | None:
    def values(each: AttributeType) -> Mapping[bytes, bytes]:
        return {normal(schema, each, value.encode()): value.encode() for value in stored.get(each.name, [])}

    return matches(filter_, schema, values)


def equal(attribute: str, value: str) -> Assertion:
    return Assertion("=", attribute, value.encode())


UNKNOWN = equal("zork", "1")
TRUE = equal("cn", "a")
FALSE = equal("cn", "b")


@pytest.mark.parametrize(
    ("filter_", "judged"),
    [
        (TRUE, True),
        (FALSE, False),
        (UNKNOWN, None),
        (Not(UNKNOWN), None),
        (Not(TRUE), False),
        (And(()), True),
        (Or(()), False),
        (And((TRUE, UNKNOWN)), None),
        (And((FALSE, UNKNOWN)), False),
        (And((UNKNOWN, FALSE)), False),
        (Or((TRUE, UNKNOWN)), True),
        (Or((UNKNOWN, TRUE)), True),
        (Or((FALSE, UNKNOWN)), None),
        (Not(And((UNKNOWN, FALSE))), True),
        (Present("cn"), True),
        (Present("name"), True),
        (Present("mail"), False),
        (Present("zork"), None),
        (Assertion(">=", "uidNumber", b"9"), True),
        (Assertion("<=", "uidNumber", b"9"), False),
        (Assertion(">=", "uidNumber", b"x"), None),
        (Assertion(">=", "cn", b"a"), None),
        (Assertion("~=", "cn", b"A"), True),
        (equal("member", "zork"), None),
        (Extensible("caseIgnoreMatch", "cn", b"A", False), True),
        (Extensible(None, "cn", b"A", False), True),
        (Extensible("caseExactMatch", "cn", b"a", False), None),
        (Extensible("caseIgnoreMatch", None, b"a", False), None),
        (Substrings("zork", b"a", (), None), None),
        (Substrings("jpegPhoto", b"a", (), None), None),
        (Substrings("cn", b"A", (), None), True),
        (Substrings("sn", b"one  T", (), b"EE"), True),
        (Substrings("sn", None, (b"two", b"three"), None), True),
        (Substrings("sn", None, (b"three", b"two"), None), False),
        (Substrings("sn", b"one two", (), b"two three"), False),
        (Substrings("sn", b"one", (b"two three",), b"three"), False),
    ],
)
def test_filters_are_judged_in_three_values(schema: Schema, filter_: Filter, judged: bool | None) -> None:
    assert judge(schema, filter_, cn=["a"], sn=["One Two Three"], uidNumber=["10"]) is judged
