from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from idm.simulators.payroll import payroll
from tests.unit.simulators.http_client import OWN, READER, Running, running

RECORD = {
    "institution": "0101",
    "cpr": "0101904321",
    "employment_id": "E1",
    "department": "D1",
    "job_position": "case worker",
    "occupation_rate": "1",
    "agreement": "ADM",
    "pay_class": "ADM-2",
    "scale_step": "25",
    "seniority_date": "2020-03-01",
    "pension_code": "P10",
    "pay_type": "monthly",
    "hours": "37",
    "from_date": "2027-01-04",
}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Running]:
    with running(
        tmp_path / "journal", lambda port, journal, failures: payroll(port, journal, failures, secret=OWN, reader_secret=READER)
    ) as system:
        yield system


def create(system: Running, key: str = "E1", effect: str = "k1", **changed: str) -> tuple[int, dict[str, object]]:
    return system.ask("POST", "/record", {"key": key, "attributes": {**RECORD, **changed}}, effect=effect)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"agreement": "NONE"}, {"agreement"}),
        ({"pay_class": "CARE-1"}, {"pay_class"}),
        ({"scale_step": "35"}, {"scale_step"}),
        ({"scale_step": "2x"}, {"scale_step"}),
        ({"cpr": "3102904321"}, {"cpr"}),
        ({"occupation_rate": "1.2"}, {"occupation_rate"}),
        ({"pension_code": "P20"}, {"pension_code"}),
        ({"pay_type": "weekly"}, {"pay_type"}),
        ({"agreement": "TEACH", "pay_class": "TEACH-1", "scale_step": "31", "pension_code": "P40", "pay_type": "hourly"}, {"pay_type"}),
        ({"from_date": "2027-02-30", "to_date": "2026-01-01"}, {"from_date"}),
        ({"to_date": "2027-01-03"}, {"to_date"}),
        ({"supplements": "ADM-FUNC NONE"}, {"supplements"}),
        ({"supplements": "ADM-FUNC CARE-NIGHT"}, {"supplements"}),
        ({"cost_centre": "no centre"}, {"cost_centre"}),
        ({"hours": "0", "institution": "", "seniority_date": "x"}, {"hours", "institution", "seniority_date"}),
    ],
)
def test_every_wrong_field_is_named(system: Running, changed: dict[str, str], wrong: set[str]) -> None:
    status, answer = create(system, **changed)
    assert status == 422
    faults = answer["faults"]
    assert isinstance(faults, list)
    assert {fault["field"] for fault in faults} == wrong
    assert "904321" not in str(answer)
    assert system.told() == [("create", "E1", "k1", "refused")]


def test_supplements_and_cost_centre_may_be_told_or_left_out(system: Running) -> None:
    link = create(system, supplements="ADM-FUNC ADM-LOCAL", cost_centre="101100")[1]["link"]
    status, answer = system.ask("PATCH", f"/record/{link}?key=E1", {"attributes": {"supplements": ""}})
    assert (status, answer["attributes"]["cost_centre"]) == (200, "101100")
    assert "supplements" not in answer["attributes"]
    assert create(system, key="E2", effect="k2", employment_id="E2")[0] == 200


def test_a_second_record_for_the_same_employment_conflicts(system: Running) -> None:
    assert create(system)[0] == 200
    assert create(system, effect="k2")[0] == 409
    assert create(system, key="E2", effect="k3")[0] == 409
    assert create(system, key="E2", effect="k3", employment_id="E2")[0] == 200
    assert [entry[3] for entry in system.told()] == ["applied", "refused", "refused", "applied"]


def test_a_repeat_of_an_effect_is_answered_alike(system: Running) -> None:
    assert create(system) == create(system)
    assert [entry[3] for entry in system.told()] == ["applied", "unchanged"]


def test_a_change_must_leave_a_sound_record(system: Running) -> None:
    link = create(system)[1]["link"]
    status, answer = system.ask("PATCH", f"/record/{link}?key=E1", {"attributes": {"agreement": "CARE"}})
    assert status == 422
    assert {fault["field"] for fault in answer["faults"]} == {"pay_class", "pension_code"}
    whole = {"agreement": "CARE", "pay_class": "CARE-1", "scale_step": "20", "pension_code": "P20"}
    status, answer = system.ask("PATCH", f"/record/{link}?key=E1", {"attributes": whole})
    assert status == 200
    assert answer["attributes"]["pay_class"] == "CARE-1"


def test_what_payroll_was_run_for_is_ended_not_deleted(system: Running) -> None:
    link = create(system)[1]["link"]
    assert system.ask("POST", "/runs", {"through": "2027-01-31"}) == (200, {"through": "2027-01-31"})
    assert system.ask("DELETE", f"/record/{link}?key=E1")[0] == 409
    status, answer = system.ask("POST", f"/record/{link}/end?key=E1")
    assert (status, answer["state"], answer["attributes"]["to_date"]) == (200, "ended", "2027-01-31")
    later = system.ask("POST", f"/record/{link}/end?key=E1", {"attributes": {"to_date": "2027-02-28"}})[1]
    assert later["attributes"]["to_date"] == "2027-02-28"
    assert [entry[:1] + entry[3:] for entry in system.told()[1:]] == [("delete", "refused"), ("end", "applied"), ("end", "applied")]


def test_what_was_not_run_is_annulled(system: Running) -> None:
    assert system.ask("POST", "/runs", {"through": "2026-12-31"})[0] == 200
    link = create(system)[1]["link"]
    assert system.ask("DELETE", f"/record/{link}?key=E1") == (200, {})
    assert system.ask("DELETE", f"/record/{link}?key=E1") == (200, {})
    assert create(system, effect="k9")[0] == 200
    assert [entry[0] + " " + entry[3] for entry in system.told()] == [
        "create applied",
        "delete applied",
        "delete unchanged",
        "create applied",
    ]


def test_runs_take_a_date_alone(system: Running) -> None:
    assert system.ask("POST", "/runs", {"through": "soon"})[0] == 422
    assert system.ask("GET", "/runs", token=READER) == (200, {"through": None})


def test_the_catalogue_is_for_readers_too(system: Running) -> None:
    status, catalogue = system.ask("GET", "/catalogue", token=READER, effect=None)
    assert status == 200
    assert "ADM" in [agreement["code"] for agreement in catalogue["agreements"]]


def test_the_way_in(system: Running) -> None:
    assert system.ask("GET", "/health", token=None) == (200, {"system": "payroll", "ok": True})
    for token, status, words in ((None, 401, "credential"), ("wrong", 401, "credential"), (READER, 403, "through idm only")):
        answer = system.ask("POST", "/record", {"key": "E1", "attributes": RECORD}, token=token)
        assert answer[0] == status
        assert words in answer[1]["error"]["message"]
    assert system.ask("GET", "/record?key=E1", token=READER) == (200, {"items": [], "next": None})
    assert system.told() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "effect", "status"),
    [
        ("POST", "/record", {"key": "E1", "attributes": RECORD}, None, 400),
        ("POST", "/record", b"{", "k", 400),
        ("POST", "/record", b"[" * 60000, "k", 400),
        ("POST", "/record", [1], "k", 400),
        ("POST", "/record", {"key": 3, "attributes": RECORD}, "k", 400),
        ("POST", "/record", {"key": "E1", "attributes": []}, "k", 400),
        ("POST", "/record", {"key": "E1", "state": "ended", "attributes": RECORD}, "k", 400),
        ("POST", "/record", b" " * 70000, "k", 413),
        ("GET", "/record?after=x", None, None, 400),
        ("GET", "/elsewhere", None, None, 404),
        ("GET", "/record/no-such-link", None, None, 404),
        ("PATCH", "/record/no-such-link?key=E1", {"attributes": {}}, "k", 404),
        ("PUT", "/record/no-such-link/state?key=E1", {"state": "asleep"}, "k", 400),
        ("PUT", "/record/no-such-link/elsewhere?key=E1", {}, "k", 404),
        ("PUT", "/record", {}, "k", 404),
    ],
)
def test_requests_that_make_no_sense(system: Running, method: str, path: str, body: object, effect: str | None, status: int) -> None:
    answer = system.ask(method, path, body, effect=effect)
    assert answer[0] == status
    assert answer[1]["error"]["message"]
    assert all(entry[3] == "refused" for entry in system.told())


def test_pages_lead_through_all_records(system: Running) -> None:
    for number in range(5):
        assert create(system, key=f"E{number}", effect=f"k{number}", employment_id=f"E{number}")[0] == 200
    seen, after = [], 0
    while after is not None:
        page = system.ask("GET", f"/record?limit=2&after={after}")[1]
        assert len(page["items"]) <= 2
        seen += [item["key"] for item in page["items"]]
        after = page["next"]
    assert seen == [f"E{number}" for number in range(5)]


def test_a_record_that_was_there_before_idm_has_no_key_and_is_made_once(system: Running) -> None:
    first = system.ask("POST", "/record", {"attributes": RECORD}, effect="import/1")
    assert first == system.ask("POST", "/record", {"attributes": RECORD}, effect="import/1")
    assert first[1]["key"] is None
    assert system.ask("PUT", f"/record/{first[1]['link']}/state?key=E1", {"state": "disabled"})[0] == 409
