"""What is asked of the directory simulator and of OpenLDAP alike. Each case makes the entries that it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.servers.openldap import SUFFIX

Step = tuple[Any, ...]
PEOPLE, GROUPS_DN = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
GROUPS = ("staff", "case-workers", "Æbler")
ALL = ("*",)
ADD, DELETE, REPLACE = "MODIFY_ADD", "MODIFY_DELETE", "MODIFY_REPLACE"
LOCKED = "000001010000Z"
_VOLATILE = frozenset({"entryuuid", "entrycsn", "createtimestamp", "modifytimestamp", "pwdchangedtime"})


@dataclass(frozen=True)
class Case:
    """Requests in line under one login; `code` is the result code that the last one must have, if that matters."""

    name: str
    steps: tuple[Step, ...]
    code: int | None = None
    login: str = "writer"


def is_volatile(name: str) -> bool:
    """Whether two servers rightly differ in the attribute's values."""
    return name.lower() in _VOLATILE


def person(uid: str, /, **more: Any) -> Step:
    """The request that adds a person."""
    classes = more.pop("classes", ["inetOrgPerson"])
    return ("add", f"uid={uid},{PEOPLE}", classes, {"sn": "Test", "cn": uid, **more})


def change(uid: str, /, **changes: Any) -> Step:
    """The request that modifies a person; each attribute has one (kind, values) or a list of them."""
    parts = {name: [(kind, values) for kind, values in (how if isinstance(how, list) else [how])] for name, how in changes.items()}
    return ("modify", f"uid={uid},{PEOPLE}", parts)


def members(group: str, kind: str, *uids: str) -> Step:
    """The request that changes a group's members."""
    return ("modify", f"cn={group},{GROUPS_DN}", {"member": [(kind, [f"uid={uid},{PEOPLE}" for uid in uids])]})


def look(uid: str, *attributes: str) -> Step:
    """The request for one person."""
    return ("search", f"uid={uid},{PEOPLE}", "(objectClass=*)", "BASE", attributes or ALL)


def find(filter_: str, base: str = PEOPLE, scope: str = "SUBTREE", attributes: tuple[str, ...] = ("cn",)) -> Step:
    """A search among the seeded people, who all have the employee type `seed`."""
    return ("search", base, f"(&(employeeType=seed){filter_})" if base == PEOPLE else filter_, scope, attributes)


def find_one(filter_: str) -> Step:
    """A search among all people, for all attributes."""
    return ("search", PEOPLE, filter_, "LEVEL", ALL)


def in_services(uid: str) -> Step:
    """A search among the services."""
    return ("search", f"ou=services,{SUFFIX}", f"(uid={uid})", "LEVEL", ALL)


def rename_group(cn: str, new: str) -> Step:
    """The request that renames a group."""
    return ("modify_dn", f"cn={cn},{GROUPS_DN}", f"cn={new}", True)


SEED: tuple[Step, ...] = (
    person("anna", employeeType="seed", givenName="Anna", mail="anna@example.org", title="Social worker", employeeNumber="100",
           userPassword="anna-password", description=["one", "Two  words"], telephoneNumber="+45 12 34-56 78", roomNumber="7"),
    person("bo", employeeType="seed", mail="bo@example.org", cn="Bo Ærlig", employeeNumber="200", manager=f"uid=anna,{PEOPLE}"),
    person("carl", employeeType="seed", cn=["Carl", "Charles*"], mail=["carl@example.org", "c@example.org"], departmentNumber=["10", "20"]),
    person("dora (x)", employeeType="seed", cn="Dora (x) \\ y", pwdAccountLockedTime=LOCKED),
    person("emil", employeeType="seed", objectClass=["inetOrgPerson"], initials="E"),
    members("case-workers", ADD, "anna", "bo"),
)  # fmt: skip

_FILTERS = {
    "equality": "(uid=anna)",
    "equality in another case": "(UID=ANNA)",
    "equality by another name of the attribute": "(userid=anna)",
    "equality by the attribute's OID": "(0.9.2342.19200300.100.1.1=anna)",
    "equality of a value among several": "(mail=c@example.org)",
    "blanks inside don't count": "(description=two words)",
    "letters beyond ASCII in another case": "(cn=bo ærlig)",
    "a supertype finds its subtypes": "(name=carl)",
    "a superclass finds its subclasses": "(objectClass=person)",
    "a class by its OID": "(objectClass=2.5.6.6)",
    "an auxiliary class that nobody has": "(objectClass=posixAccount)",
    "an unknown class": "(objectClass=zork)",
    "escaped signs": "(cn=Dora \\28x\\29 \\5c y)",
    "an escaped star": "(cn=charles\\2a)",
    "presence": "(employeeNumber=*)",
    "presence of an unknown attribute": "(zork=*)",
    "not presence of an unknown attribute": "(!(zork=*))",
    "an unknown attribute": "(zork=1)",
    "not an unknown attribute": "(!(zork=1))",
    "or with an unknown attribute": "(|(zork=1)(uid=bo))",
    "and not with an unknown attribute": "(!(&(zork=1)(uid=bo)))",
    "not": "(!(uid=anna))",
    "not of what some lack": "(!(employeeNumber=100))",
    "and": "(&(sn=test)(employeeNumber=200))",
    "or": "(|(uid=anna)(uid=bo)(uid=nobody))",
    "nested": "(&(|(uid=anna)(uid=bo))(!(mail=anna@example.org)))",
    "initial": "(cn=bo*)",
    "final": "(mail=*@EXAMPLE.org)",
    "any": "(title=*cial wor*)",
    "initial, any and final": "(mail=a*na@*.org)",
    "substrings that would overlap": "(uid=ann*nna)",
    "substrings of a supertype": "(name=*arl*)",
    "substrings without such a rule": "(manager=uid=anna*)",
    "a telephone number however written": "(telephoneNumber=+4512345678)",
    "substrings of a telephone number": "(telephoneNumber=*3456*)",
    "a name as value": f"(manager=UID=Anna, OU=people,{SUFFIX})",
    "a value that is no name": "(manager=zork)",
    "not a value that is no name": "(!(manager=zork))",
    "greater without an order": "(employeeNumber>=100)",
    "approximately": "(uid~=anna)",
    "memberOf": f"(memberOf=cn=case-workers,{GROUPS_DN})",
    "not memberOf": f"(!(memberOf=cn=case-workers,{GROUPS_DN}))",
    "the lock": f"(pwdAccountLockedTime={LOCKED})",
    "presence of the lock": "(pwdAccountLockedTime=*)",
    "a time later than": "(createTimestamp>=20200101000000Z)",
    "a time earlier than": "(createTimestamp<=20200101000000Z)",
    "extensible by the attribute's rule": "(uid:caseIgnoreMatch:=anna)",
    "extensible without a rule": "(uid:=anna)",
    "an entryUUID that nobody has": "(entryUUID=00000000-0000-0000-0000-000000000000)",
    "an entryUUID that is none": "(entryUUID=zork)",
}

_SEARCHES = {
    "base scope": find("(objectClass=*)", PEOPLE, "BASE", ("ou",)),
    "one level below the suffix": ("search", SUFFIX, "(ou=people)", "LEVEL", ("ou",)),
    "a base that isn't there": ("search", f"ou=zork,{SUFFIX}", "(objectClass=*)", "SUBTREE", ALL),
    "a base below a leaf": ("search", f"uid=zork,uid=anna,{PEOPLE}", "(objectClass=*)", "BASE", ALL),
    "a base outside": ("search", "dc=elsewhere", "(objectClass=*)", "SUBTREE", ALL),
    "a base that is no name": ("search", "zork", "(objectClass=*)", "SUBTREE", ALL),
    "a base with an unknown attribute": ("search", f"zork=1,{SUFFIX}", "(objectClass=*)", "SUBTREE", ALL),
    "a base in another spelling": ("search", f" OU = People , {SUFFIX.upper()}", "(uid=anna)", "LEVEL", ("uid",)),
    "all user attributes": look("anna"),
    "no attributes": look("anna", "1.1"),
    "some attributes": look("anna", "MAIL", "zork", "sn"),
    "a supertype brings its subtypes": look("anna", "name"),
    "an operational attribute by name": look("anna", "creatorsName", "structuralObjectClass"),
    "who one's groups are": look("anna", "memberOf"),
    "has it children": ("search", SUFFIX, "(|(ou=people)(ou=groups)(uid=bo))", "SUBTREE", ("ou", "hasSubordinates")),
    "the lock by name": find("(objectClass=*)", attributes=("pwdAccountLockedTime",)),
    "the password never": look("anna", "userPassword"),
    "a size limit": ("search", PEOPLE, "(employeeType=seed)", "SUBTREE", ("1.1",), 9),
    "the groups of a person": ("search", GROUPS_DN, f"(member=uid=Bo,{PEOPLE})", "SUBTREE", ("cn",)),
}

_REFUSED_ADDS = {
    "no parent": (("add", f"uid=x,ou=zork,{SUFFIX}", ["inetOrgPerson"], {"sn": "x", "cn": "x"}), 32),
    "the name is taken outside people": (("add", f"cn=staff,{GROUPS_DN}", ["organizationalRole"], {"cn": "staff"}), 68),
    "the name is taken among people": (person("anna", mail="other@example.org"), 68),
    "the name and the mail are taken": (person("anna", mail="carl@example.org"), 19),
    "the user name is taken": (("add", f"cn=r0,{PEOPLE}", ["inetOrgPerson"], {"sn": "x", "uid": "ANNA"}), 19),
    "the mail is taken": (person("r1", mail="ANNA@example.org"), 19),
    "the employee number is taken": (person("r2", employeeNumber="100"), 19),
    "a required attribute is missing": (("add", f"uid=r3,{PEOPLE}", ["inetOrgPerson"], {"cn": "x"}), 65),
    "an attribute isn't allowed": (person("r4", gidNumber="1"), 65),
    "an unknown attribute": (person("r5", zork="1"), 17),
    "an unknown class": (person("r6", classes=["zork"]), 21),
    "an abstract class alone": (person("r7", classes=["top"]), 65),
    "an auxiliary class alone": (person("r8", classes=["uidObject"]), 65),
    "two structural classes": (person("r9", classes=["inetOrgPerson", "organizationalUnit"], ou="x"), 65),
    "two values of a single one": (person("r10", employeeNumber=["1", "2"]), 19),
    "a value twice": (person("r11", mail=["a1@example.org", "A1@example.org"]), 20),
    "a mail beyond ASCII": (person("r12", mail="æ@example.org"), 21),
    "a manager who is no name": (person("r13", manager="zork"), 21),
    "an entryUUID of one's own": (person("r14", entryUUID="00000000-0000-0000-0000-000000000001"), 19),
    "a name that is none": (("add", "zork", ["inetOrgPerson"], {"sn": "x", "cn": "x"}), 34),
    "a name with an unknown attribute": (("add", f"zork=1,{PEOPLE}", ["inetOrgPerson"], {"sn": "x", "cn": "x"}), 34),
    "outside the suffix": (("add", "uid=x,dc=elsewhere", ["inetOrgPerson"], {"sn": "x", "cn": "x"}), 53),
    "a group without members": (("add", f"cn=g1,{GROUPS_DN}", ["groupOfNames"], {"cn": "g1"}), 65),
    "a member that is no name": (("add", f"cn=g2,{GROUPS_DN}", ["groupOfNames"], {"cn": "g2", "member": "zork"}), 21),
    "a lock that is no time": (person("r15", pwdAccountLockedTime="soon"), 21),
    "the naming attribute isn't allowed": (("add", f"gidNumber=1,{PEOPLE}", ["inetOrgPerson"], {"sn": "x", "cn": "x"}), 65),
}

_GOOD_ADDS = {
    "the least": (person("a1"), look("a1")),
    "the name's value is added": (("add", f"uid=a2,{PEOPLE}", ["inetOrgPerson"], {"sn": "x", "cn": "y"}), look("a2")),
    "a name of two parts": (("add", f"uid=a3+sn=Two,{PEOPLE}", ["inetOrgPerson"], {"cn": "y"}), find_one("(uid=a3)")),
    "escapes in the name": (("add", f"cn=a4\\, \\+x,{PEOPLE}", ["inetOrgPerson"], {"sn": "x"}), find_one("(cn=a4, +x)")),
    "other signs in the name": (("add", rf"cn=\#a4 \"=\<ø\>\;\ ,{PEOPLE}", ["inetOrgPerson"], {"sn": "a4-2"}), find_one("(sn=a4-2)")),
    "names as values in another spelling": (person("a4-3", manager=f" UID = Bo + cn=\\C3\\86 , {PEOPLE}"), look("a4-3")),
    "letters beyond ASCII": (person("a5", cn="Åse Øst", title="Pædagog"), look("a5")),
    "bytes": (person("a6", jpegPhoto=b"\xff\xd8\x00"), look("a6")),
    "locked from the start": (person("a7", userPassword="long-password", pwdAccountLockedTime=LOCKED), look("a7", "pwdAccountLockedTime"),
                              ("bind", f"uid=a7,{PEOPLE}", "long-password")),
    "a class of one's own": (person("a8", classes=["inetOrgPerson", "uidObject"]), look("a8")),
    "all superclasses given": (person("a9", classes=["top", "person", "organizationalPerson", "inetOrgPerson"]), look("a9")),
    "a user name that is taken elsewhere only": (("add", f"cn=a10,{GROUPS_DN}", ["organizationalRole", "uidObject"], {"uid": "anna"}),),
    "a member who isn't there": (("add", f"cn=a11,{GROUPS_DN}", ["groupOfNames"], {"member": f"uid=zork,{PEOPLE}"}),
                                 ("search", f"cn=a11,{GROUPS_DN}", "(objectClass=*)", "BASE", ALL)),
}  # fmt: skip

_MODIFIES: dict[str, tuple[int | None, tuple[Step, ...]]] = {
    "add a value": (0, (change("m", title=(ADD, ["A"])), look("m"))),
    "add a value that is there": (20, (change("m", title=(ADD, ["A"])), change("m", title=(ADD, ["a"])))),
    "add values, one of which is there": (None, (change("m", title=(ADD, ["A"])), change("m", title=(ADD, ["B", "A"])), look("m"))),
    "add a second value of a single one": (19, (change("m", employeeNumber=(ADD, ["m1"])), change("m", employeeNumber=(ADD, ["m2"])))),
    "replace": (0, (change("m", title=(REPLACE, ["A", "B"])), change("m", title=(REPLACE, ["C"])), look("m"))),
    "replace by the same": (0, (change("m", title=(REPLACE, ["A"])), change("m", title=(REPLACE, ["A"])), look("m"))),
    "replace by nothing": (0, (change("m", title=(REPLACE, ["A"])), change("m", title=(REPLACE, [])), look("m"))),
    "replace nothing by nothing": (0, (change("m", title=(REPLACE, [])), look("m"))),
    "replace by one value twice": (20, (change("m", title=(REPLACE, ["A", "a"])),)),
    "delete a value": (0, (change("m", title=(ADD, ["A", "B"])), change("m", title=(DELETE, ["a"])), look("m"))),
    "delete a value that isn't there": (16, (change("m", title=(ADD, ["A"])), change("m", title=(DELETE, ["B"])))),
    "delete all values": (0, (change("m", title=(ADD, ["A"])), change("m", title=(DELETE, [])), look("m"))),
    "delete an attribute that isn't there": (16, (change("m", title=(DELETE, [])),)),
    "delete a required attribute": (65, (change("m", sn=(DELETE, [])),)),
    "replace the name's value": (64, (change("m", uid=(REPLACE, ["other"])),)),
    "delete the name's value": (64, (change("m", uid=(DELETE, ["m"])),)),
    "delete the name's attribute": (64, (change("m", uid=(DELETE, [])),)),
    "a second value of the name's attribute": (0, (change("m", uid=(ADD, ["m-too"])), look("m"))),
    "delete and add in one": (0, (change("m", cn=[(DELETE, ["m"]), (ADD, ["M two"])]), look("m"))),
    "all or nothing": (16, (change("m", title=(REPLACE, ["Kept"]), mail=(DELETE, ["no@example.org"])), )),
    "nothing of a refused one": (None, (change("m", title=(REPLACE, ["Kept"]), mail=(DELETE, [])), look("m"))),
    "an unknown attribute": (17, (change("m", zork=(ADD, ["1"])),)),
    "an attribute that isn't allowed": (65, (change("m", gidNumber=(ADD, ["1"])),)),
    "a bad value": (21, (change("m", mail=(REPLACE, ["æ"])),)),
    "an empty value": (21, (change("m", title=(REPLACE, [""])),)),
    "a mail that is taken": (19, (change("m", mail=(ADD, ["anna@example.org"])),)),
    "a mail that was taken": (0, (change("m", mail=(ADD, ["free-m@example.org"])), change("m", mail=(DELETE, [])),
                                  change("m", mail=(ADD, ["free-m@example.org"])))),
    "the entryUUID": (19, (change("m", entryUUID=(REPLACE, ["00000000-0000-0000-0000-000000000001"])),)),
    "memberOf itself": (19, (change("m", memberOf=(ADD, [f"cn=staff,{GROUPS_DN}"])),)),
    "the structural class": (69, (change("m", objectClass=(REPLACE, ["account"])),)),
    "an auxiliary class": (0, (change("m", objectClass=(ADD, ["uidObject"])), look("m"))),
    "lock": (0, (change("m", pwdAccountLockedTime=(REPLACE, [LOCKED])), look("m", "pwdAccountLockedTime"))),
    "unlock": (0, (change("m", pwdAccountLockedTime=(REPLACE, [LOCKED])), change("m", pwdAccountLockedTime=(REPLACE, [])),
                   look("m", "pwdAccountLockedTime"))),
    "locked can't log in": (49, (change("m", userPassword=(REPLACE, ["long-password"])),
                                 change("m", pwdAccountLockedTime=(REPLACE, [LOCKED])), ("bind", "DN", "long-password"))),
    "unlocked can log in": (0, (change("m", userPassword=(REPLACE, ["long-password"]), pwdAccountLockedTime=(REPLACE, [LOCKED])),
                                change("m", pwdAccountLockedTime=(DELETE, [])), ("bind", "DN", "long-password"))),
    "a new password lifts the lock": (0, (change("m", pwdAccountLockedTime=(REPLACE, [LOCKED])),
                                          change("m", userPassword=(REPLACE, ["new-password"])), look("m", "pwdAccountLockedTime"))),
    "an entry that isn't there": (32, (change("zork", title=(ADD, ["A"])),)),
}  # fmt: skip

_GROUP = ("add", f"cn=CASE,{GROUPS_DN}", ["groupOfNames"], {"member": f"cn=nobody,{SUFFIX}"})
_LOOK_GROUP = ("search", f"cn=CASE,{GROUPS_DN}", "(objectClass=*)", "BASE", ("member",))
_MEMBERS: dict[str, tuple[int | None, tuple[Step, ...]]] = {
    "grant": (0, (members("CASE", ADD, "m"), _LOOK_GROUP, look("m", "memberOf"))),
    "grant twice": (20, (members("CASE", ADD, "m"), members("CASE", ADD, "M"))),
    "revoke": (0, (members("CASE", ADD, "m"), members("CASE", DELETE, "m"), _LOOK_GROUP, look("m", "memberOf"))),
    "revoke what isn't granted": (16, (members("CASE", DELETE, "m"),)),
    "revoke the last": (65, (("modify", f"cn=CASE,{GROUPS_DN}", {"member": [(DELETE, [f"cn=nobody,{SUFFIX}"])]}),)),
    "a group that isn't there": (32, (members("zork", ADD, "m"),)),
    "a rename is followed": (0, (members("CASE", ADD, "m"), ("modify_dn", f"uid=m,{PEOPLE}", "uid=RENAMED", True), _LOOK_GROUP)),
    "a deletion is followed": (0, (members("CASE", ADD, "m"), ("delete", f"uid=m,{PEOPLE}"), _LOOK_GROUP)),
    "the group's end": (0, (members("CASE", ADD, "m"), ("delete", f"cn=CASE,{GROUPS_DN}"), look("m", "memberOf"))),
    "the group's rename": (0, (members("CASE", ADD, "m"), rename_group("CASE", "CASE-too"), look("m", "memberOf"))),
}

_RENAMES: dict[str, tuple[int | None, tuple[Step, ...]]] = {
    "rename": (0, (("modify_dn", "DN", "uid=RENAMED", True), ("search", PEOPLE, "(uid=RENAMED)", "LEVEL", ALL))),
    "rename and keep the old name": (0, (("modify_dn", "DN", "uid=RENAMED", False), ("search", PEOPLE, "(uid=RENAMED)", "LEVEL", ALL))),
    "rename to another attribute": (0, (("modify_dn", "DN", "cn=RENAMED", False), ("search", PEOPLE, "(cn=RENAMED)", "LEVEL", ALL))),
    "rename in case only": (0, (("modify_dn", "DN", "UID=M", True), ("search", PEOPLE, "(uid=m)", "LEVEL", ("uid",)))),
    "rename to a taken name": (19, (("modify_dn", "DN", "uid=anna", True),)),
    "rename what isn't there": (32, (("modify_dn", f"uid=zork,{PEOPLE}", "uid=zork2", True),)),
    "rename to no name": (34, (("modify_dn", "DN", "zork", True),)),
    "move": (0, (("modify_dn", "DN", "uid=m", True, f"ou=services,{SUFFIX}"), in_services("m"))),
    "move to nowhere": (32, (("modify_dn", "DN", "uid=m", True, f"ou=zork,{SUFFIX}"),)),
    "delete": (0, (("delete", "DN"), ("search", PEOPLE, "(uid=m)", "LEVEL", ALL))),
    "delete twice": (32, (("delete", "DN"), ("delete", "DN"))),
    "delete what has children": (66, (("delete", PEOPLE),)),
    "compare and find it": (6, (("compare", "DN", "cn", "M"),)),
    "compare and not find it": (5, (("compare", "DN", "cn", "other"),)),
    "compare what it hasn't": (16, (("compare", "DN", "title", "x"),)),
    "compare an unknown attribute": (17, (("compare", "DN", "zork", "x"),)),
    "compare what isn't there": (32, (("compare", f"uid=zork,{PEOPLE}", "cn", "x"),)),
    "compare the password": (50, (("compare", f"uid=anna,{PEOPLE}", "userPassword", "x"),)),
}

_BINDS = {
    "right": (("bind", f"uid=anna,{PEOPLE}", "anna-password"), 0),
    "in another spelling": (("bind", f"UID=Anna, {PEOPLE}", "anna-password"), 0),
    "wrong password": (("bind", f"uid=anna,{PEOPLE}", "wrong"), 49),
    "nobody of that name": (("bind", f"uid=zork,{PEOPLE}", "wrong"), 49),
    "no password kept": (("bind", f"uid=bo,{PEOPLE}", "x"), 49),
    "no name": (("bind", "zork", "x"), 34),
}

_ACCESS: dict[str, tuple[str, int, Step]] = {
    "nobody reads": ("nobody", 50, ("search", SUFFIX, "(objectClass=*)", "SUBTREE", ALL)),
    "nobody reads one": ("nobody", 50, look("anna")),
    "nobody writes": ("nobody", 8, change("anna", title=(REPLACE, ["x"]))),
    "nobody compares": ("nobody", 50, ("compare", f"uid=anna,{PEOPLE}", "cn", "anna")),
    "nobody reads what isn't there": ("nobody", 32, look("zork")),
    "nobody reads the root": ("nobody", 0, ("search", "", "(objectClass=*)", "BASE", ("namingContexts", "supportedLDAPVersion"))),
    "a reader reads": ("reader", 0, look("anna")),
    "a reader doesn't read passwords": ("reader", 0, look("anna", "userPassword")),
    "a reader doesn't add": ("reader", 50, person("by-reader")),
    "a reader doesn't change": ("reader", 50, change("anna", title=(REPLACE, ["x"]))),
    "a reader doesn't delete": ("reader", 50, ("delete", f"uid=anna,{PEOPLE}")),
    "a reader doesn't rename": ("reader", 50, ("modify_dn", f"uid=anna,{PEOPLE}", "uid=x", True)),
    "one reads oneself": ("self", 0, look("anna")),
    "one doesn't read others": ("self", 32, look("bo")),
    "one doesn't search": ("self", 32, ("search", PEOPLE, "(uid=*)", "SUBTREE", ALL)),
    "one doesn't change oneself": ("self", 50, change("anna", title=(REPLACE, ["x"]))),
}


def _on_own(prefix: str, number: int, steps: tuple[Step, ...], *, group: bool) -> tuple[Step, ...]:
    """The steps on a person (and a group) of their own instead of `m`, `DN` and `CASE`."""
    uid, cn = f"{prefix}{number}", f"{prefix}-group-{number}"

    def own(given: Any) -> Any:
        if isinstance(given, str):
            named = f"uid={uid},{PEOPLE}" if given == "DN" else given.replace("CASE", cn).replace("RENAMED", f"{uid}x")
            for old, new in ((f"uid=m,{PEOPLE}", f"uid={uid},{PEOPLE}"), (f"uid=M,{PEOPLE}", f"uid={uid.upper()},{PEOPLE}")):
                named = named.replace(old, new)
            whole = {"m": uid, "M": uid.upper(), "uid=m": f"uid={uid}", "UID=M": f"UID={uid.upper()}", "(uid=m)": f"(uid={uid})"}
            return whole.get(named, named)
        if isinstance(given, dict):
            return {name: own(value) for name, value in given.items()}
        if isinstance(given, list | tuple):
            return type(given)(own(each) for each in given)
        return given

    made = (person(uid), own(_GROUP)) if group else (person(uid),)
    return (*made, *own(steps))


def _all_on_own(what: str, table: dict[str, tuple[int | None, tuple[Step, ...]]], *, group: bool = False) -> Iterator[Case]:
    for number, (name, (code, steps)) in enumerate(table.items()):
        yield Case(f"{what}: {name}", _on_own(what, number, steps, group=group), code)


CASES: tuple[Case, ...] = (
    *(Case(f"filter: {name}", (find(filter_),)) for name, filter_ in _FILTERS.items()),
    *(Case(f"search: {name}", (step,)) for name, step in _SEARCHES.items()),
    *(Case(f"add refused: {name}", (step,), code) for name, (step, code) in _REFUSED_ADDS.items()),
    *(Case(f"add: {name}", steps) for name, steps in _GOOD_ADDS.items()),
    *_all_on_own("modify", _MODIFIES),
    *_all_on_own("members", _MEMBERS, group=True),
    *_all_on_own("entry", _RENAMES),
    *(Case(f"bind: {name}", (step,), code) for name, (step, code) in _BINDS.items()),
    *(Case(f"access: {name}", (step,), code, login) for name, (login, code, step) in _ACCESS.items()),
    *(Case(f"pages of {size}", (("page", PEOPLE, "(employeeType=seed)", size),), 0) for size in (1, 2, 3, 5, 100)),
)

DIFFERENCES: dict[str, tuple[Case, int, int, str]] = {
    "an attribute with an option": (
        Case("", (person("d2"), ("modify", f"uid=d2,{PEOPLE}", {"cn;lang-da": [(ADD, ["x"])]}))), 17, 0,
        "nothing idm does needs options (RFC 4512 section 2.5)",
    ),
    "an increment": (
        Case("", (person("d3"), ("modify", f"uid=d3,{PEOPLE}", {"employeeNumber": [("MODIFY_INCREMENT", ["1"])]}))), 2, 19,
        "the extension (RFC 4525) isn't offered; OpenLDAP offers it, and refuses it for text",
    ),
}  # fmt: skip
"""Where the simulator differs on purpose: the case, its result code, OpenLDAP's, and why."""
