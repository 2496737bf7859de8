from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from idm.bootstrap import shipped
from idm.domain.access_policy import AccessPolicy
from idm.policy_files import PolicyFolder
from tests import data
from tests.support.portal import Portal, Visitor
from tests.support.world import World


@pytest.fixture
def kept(database_url: str, tmp_path: Path) -> Portal:
    """A portal over an installation with policies of its own, in which the pay contact keeps the tables."""
    folder = tmp_path / "own"
    shutil.copytree(shipped("policies"), folder)
    world = World(database_url, tmp_path, PolicyFolder(folder))
    world.import_municipality()
    world.policies.edit(access=AccessPolicy(payroll_staff=(data.PAY,)))
    return Portal(world, policies=folder)


def table(portal: Portal, name: str) -> str:
    return (portal.site.policies / "payroll" / f"{name}.csv").read_text()


def clerk(portal: Portal) -> Visitor:
    return portal.visitor(data.PAY)


def test_a_row_is_ended_and_another_follows_each_seen_before_it_is_taken(kept: Portal) -> None:
    visitor, before = clerk(kept), table(kept, "supplements")
    page = visitor.get("/payroll/supplements")
    row = visitor.get(next(link for link in page.links if "line=" in link))

    seen = visitor.send(row, "/payroll/supplements/row", {"c.valid_to": "2027-03-31"})
    assert "Ends" in seen.text and table(kept, "supplements") == before
    visitor.send(seen, "/payroll/supplements/take")

    assert table(kept, "supplements") != before and "2027-03-31" in table(kept, "supplements")
    assert kept.world.actions("payroll") == ["table-taken"]
    assert kept.world.store.audit("payroll")[0].actor == data.PAY


def test_a_wrong_row_is_refused_with_its_line_and_rule_and_nothing_changes(kept: Portal) -> None:
    visitor, before = clerk(kept), table(kept, "supplements")
    row = visitor.get("/payroll/supplements/row")

    refused = visitor.send(row, "/payroll/supplements/row", {"c.supplement": "NEW", "c.agreement": "NONE", "c.valid_from": "2027-01-01"})

    assert refused.status == 422 and table(kept, "supplements") == before
    assert refused.form("/payroll/supplements/row").fields["c.supplement"] == ["NEW"]


def test_an_uploaded_table_shows_its_difference_before_it_is_taken(kept: Portal) -> None:
    visitor, before = clerk(kept), table(kept, "steps")
    page = visitor.get("/payroll/steps")
    changed = before.replace(",19892,", ",19900,", 1)

    seen = visitor.send(page, "/payroll/steps/file", files={"file": ("april.csv", changed.encode())})
    assert "Changed" in seen.text and "19,900.00" in seen.text and table(kept, "steps") == before
    done = visitor.send(seen, "/payroll/steps/take")

    assert done.url == "/payroll/steps" and table(kept, "steps") == changed


def test_what_somebody_else_took_meanwhile_is_not_overwritten(kept: Portal) -> None:
    kept.world.policies.edit(access=AccessPolicy(payroll_staff=(data.PAY, data.IT)))
    first, second = clerk(kept), kept.visitor(data.IT)
    link = next(link for link in first.get("/payroll/supplements").links if "line=" in link)
    shown = [
        each.send(each.get(link), "/payroll/supplements/row", {"c.monthly": monthly}) for each, monthly in ((first, "370"), (second, "320"))
    ]

    first.send(shown[0], "/payroll/supplements/take")
    refused = second.send(shown[1], "/payroll/supplements/take")

    assert refused.status == 409 and "changed by somebody else since the difference was shown" in refused.text
    assert ",370," in table(kept, "supplements") and ",320," not in table(kept, "supplements")


def test_a_row_that_begins_later_is_in_the_list_that_taking_it_leads_to(kept: Portal) -> None:
    visitor = clerk(kept)
    row = visitor.get(next(link for link in visitor.get("/payroll/supplements").links if "line=" in link))

    seen = visitor.send(row, "/payroll/supplements/row", {"c.valid_from": "2030-04-01", "c.title_en": "From April 2030"})
    done = visitor.send(seen, "/payroll/supplements/take")

    assert "From April 2030" in done.text


def test_what_was_not_shown_is_not_taken(kept: Portal) -> None:
    visitor, before = clerk(kept), table(kept, "steps")

    answer = visitor.post("/payroll/steps/take", {"content": before.replace(",19892,", ",29892,", 1), "hash": "0" * 64})

    assert answer.status == 409 and table(kept, "steps") == before


def test_only_payroll_staff_keep_tables(kept: Portal) -> None:
    for person in (data.IT, data.HEAD_NORTH, data.DIRECTOR):
        assert kept.visitor(person).get("/payroll").status == 404
        assert kept.visitor(person).post("/payroll/steps/take", {"content": "", "hash": ""}).status == 404
    assert clerk(kept).get("/payroll/nothing").status == 404


def test_a_download_is_what_is_taken_back(kept: Portal) -> None:
    answer = clerk(kept).get("/payroll/classes/file")

    assert answer.headers["content-type"].startswith("text/csv") and answer.html == table(kept, "classes")


def test_an_empty_row_is_refused_with_what_it_lacks_beside_each_field(kept: Portal) -> None:
    visitor = clerk(kept)

    for address in ("/payroll/supplements/row", "/payroll/supplements/row?line=2"):
        row = visitor.get(address)
        empty = {name: "" for name in row.form("/payroll/supplements/row").fields if name.startswith("c.")}
        refused = visitor.send(row, "/payroll/supplements/row", empty)

        assert refused.status == 422 and "The row is empty." in refused.text
        assert {"f-supplement-error", "f-valid_from-error"} <= set(refused.ids) and "f-group-error" not in refused.ids


def test_what_is_wrong_with_a_cell_is_said_beside_its_field(kept: Portal) -> None:
    visitor = clerk(kept)
    row = visitor.get("/payroll/supplements/row?line=2")

    refused = visitor.send(row, "/payroll/supplements/row", {"c.monthly": "much"})

    assert refused.status == 422 and "f-monthly-error" in refused.ids and "'Per month' must be" in refused.text
    assert [link for link in refused.links if link.startswith("#f-") and link[1:] not in refused.ids] == []


def test_a_table_calls_its_columns_by_names_and_leads_from_a_row_to_its_change(kept: Portal) -> None:
    page = kept.visitor(data.PAY, language="da").get("/payroll/supplements")

    assert "Følger graden" in page.text and "follows_rate" not in page.text and "2015-01-01" not in page.text
    assert "/payroll/supplements/row?line=2" in page.links


def test_amounts_are_typed_and_shown_as_danes_write_them(kept: Portal) -> None:
    visitor = kept.visitor(data.PAY, language="da")
    row = visitor.get("/payroll/steps/row?line=2")
    assert "." not in row.form("/payroll/steps/row").fields["c.hourly"][0]

    seen = visitor.send(row, "/payroll/steps/row", {"c.monthly": "20.900,50", "c.hourly": "129,5"})
    assert "20.900,50" in seen.text and "129,50" in seen.text and seen.status == 200
    visitor.send(seen, "/payroll/steps/take")

    assert ",20900.50,129.5," in table(kept, "steps")
    assert "20.900,50" in visitor.get("/payroll/steps?all=yes").text


def test_an_amount_that_could_be_thousands_or_a_fraction_is_refused_beside_its_field(kept: Portal) -> None:
    visitor = kept.visitor(data.PAY, language="da")
    row = visitor.get("/payroll/steps/row?line=2")

    refused = visitor.send(row, "/payroll/steps/row", {"c.monthly": "20.900"})

    assert refused.status == 422 and "f-monthly-error" in refused.ids
    assert "skriv 20900 eller 20.900,00" in refused.text and refused.form("/payroll/steps/row").fields["c.monthly"] == ["20.900"]


def test_a_row_and_a_file_that_are_refused_name_their_table_and_line(kept: Portal) -> None:
    visitor = kept.visitor(data.PAY, language="da")

    row = visitor.send(visitor.get("/payroll/steps/row?line=2"), "/payroll/steps/row", {"c.monthly": "meget"})
    assert "Rækken kan ikke stå i tabellen »Løntrin«." in row.text and "»Pr. måned« skal være et tal" in row.text

    wrong = table(kept, "steps").replace(",19892,", ",meget,", 1)
    file = visitor.send(visitor.get("/payroll/steps"), "/payroll/steps/file", files={"file": ("april.csv", wrong.encode())})
    assert "april.csv kan ikke blive tabellen »Løntrin«" in file.text and "Linje " in file.text and "»Pr. måned« skal være" in file.text
    assert [link for link in file.links if link.startswith("#f-") and link[1:] not in file.ids] == []


def test_what_is_worth_a_look_is_told_in_danish_with_its_line(kept: Portal) -> None:
    visitor = kept.visitor(data.PAY, language="da")

    seen = visitor.send(visitor.get("/payroll/steps/row?line=2"), "/payroll/steps/row", {"c.monthly": "90900"})

    assert "Linje 2: 90.900,00 kr. om måneden passer ikke til" in seen.text
