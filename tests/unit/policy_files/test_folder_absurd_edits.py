"""Any one value of the shipped policies changed to something absurd is told, with the file, the line and what it would lead to."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from idm.policy_files import check
from tests.unit.policy_files.shipped_edits import ORGANISATION, SHIPPED, Absurd, edited

TODAY = date(2026, 11, 2)
J, D, A, R, G = "journeys/hire.yaml", "documents.yaml", "approvals.yaml", "roles.yaml", "groups.yaml"
L, U, W, E = "deadlines.yaml", "authority.yaml", "waiting.yaml", "equipment.yaml"
X = "access.yaml"
S, N, F, P, T = "systems.yaml", "naming.yaml", "forms/payroll.yaml", "payroll.yaml", "forms/personal.yaml"
AGREEMENTS, CLASSES, STEPS, YEARS = "payroll/agreements.csv", "payroll/classes.csv", "payroll/steps.csv", "payroll/experience.csv"
EXTRAS, PENSIONS, RATES, ALLOWED = "payroll/supplements.csv", "payroll/pensions.csv", "payroll/occupation.csv", "payroll/allowed.csv"
PLACES = "payroll/institutions.csv"


ABSURD = [
    # The journey: who decides, in which order, and what is waited for.
    Absurd(J, "steps/payroll_form/actor", "hire", "own-hire", "nobody may, so it could never be done"),
    Absurd(J, "steps/payroll_control/actor", "pay", "own-work", "nobody else would ever look at it"),
    Absurd(J, "steps/payroll_form/needs", "[]", "before-contacts", "would open before anybody is named", "steps/payroll_form/actor"),
    Absurd(J, "steps/assess/needs", "[consent]", "order", "asked before the check has got that far"),
    Absurd(J, "steps/open_account/needs", "[opening, directory_rights, assess@start]", "opens-anyway", "would not keep it closed"),
    Absurd(
        J, "steps/open_account/needs", "[directory_rights, review@start]", "order", "would deliver nothing", "steps/open_account/resources"
    ),
    Absurd(J, "steps/record/needs", "[payroll_form]", "unapproved", "would deliver nothing", "steps/record/resources"),
    Absurd(J, "asks_again/unit", "[appont]", "unknown-step", "nobody would be asked again"),
    Absurd(J, "event", "dk.idm.leave", "no-hires", "no hire would ever begin a case"),
    # Documents and checks.
    Absurd(D, "checks/child_protection/consent_lapses_days", "900", "long-consent", "long after the hire has forgotten it"),
    Absurd(D, "checks/child_protection/consent_lapses_days", "2", "short-consent", "would be asked again and again"),
    Absurd(D, "checks/child_protection/consent_lapses_days", "1001", "range", "run out at once, or never"),
    Absurd(D, "checks/criminal_record/steps", "[consent]", "rule", "nothing would ever lapse", "checks/criminal_record"),
    Absurd(D, "checks/criminal_record/needed_by", "{days_after_start: 60}", "late-for-start", "nobody could ever begin on the day"),
    Absurd(D, "documents/work_permit/expires_watch_days", "1", "short-watch", "so work would stop"),
    Absurd(D, "documents/work_permit/expires_watch_days", "900", "long-watch", "would be asked again at once"),
    Absurd(D, "documents/work_permit/when", "{citizenship: [ZZ]}", "rule", "so nobody could be meant", "documents/work_permit/when"),
    Absurd(D, "documents/contract/needed_by", "{days_after_start: 300}", "late-for-pay", "the first pay day would pass without pay"),
    Absurd(D, "documents/contract/needed_by", "{days_before_start: 300}", "far-ahead", "late as soon as it is asked for"),
    Absurd(D, "documents/contract/max_size", "1 kB", "too-small", "every 'contract' would be refused"),
    Absurd(D, "documents/contract/max_size", "900 MB", "rule", "would fill the disk"),
    Absurd(D, "documents/seniority_proof/pay_waits_until_days_before_start", "300", "never-waited-for", "so it would never be waited for"),
    Absurd(D, "documents/id_photo/positions", "[astronaut]", "unneeded-document", "no position needs 'id_photo'"),
    Absurd(D, "documents/id_photo/positions/0", "astronaut", "never-matches", "nobody there is asked for 'id_photo'"),
    # What a new employee tells of themself.
    Absurd(T, "fields/iban/confidential", "false", "readable-account", "would stand readable", "fields/iban"),
    Absurd(T, "fields/account_number/second_person", "false", "one-person", "could change where the pay goes", "fields/account_number"),
    # Approvals, authority, waiting, groups.
    Absurd(A, "approvals/payroll_control/sample_percent", "100", "no-sample", "nearly every hire would wait for 'payroll_control'"),
    Absurd(A, "approvals/payroll_control/sample_percent", "0.001", "never-drawn", "hardly anybody would ever be asked"),
    Absurd(A, "approvals/payroll_control/sample_percent", "101", "range", "of a hundred hires no more can be drawn"),
    Absurd(A, "approvals/manager_approval/asked", "{a: {when: {amount_from: 0.01}}}", "always-asked", "so everybody would be asked"),
    Absurd(A, "approvals/manager_approval/asked", "{a: {when: {amount_from: 900000}}}", "never-asked", "so nobody would ever be asked"),
    Absurd(A, "approvals/manager_approval/asked", "{a: {when: {agreements: [NO]}}}", "unknown-agreement", "nobody would ever fit"),
    Absurd(A, "approvals/manager_approval/asked", "{a: {when: {hours_from: 100}}}", "never-fits", "nobody would ever fit this rule"),
    Absurd(A, "approvals/manager_approval/asked", "{a: {when: {notice_below: 999}}}", "always-fits", "everybody would fit this rule"),
    Absurd(A, "approvals/payroll_control/asked", "{a: {when: {units: [moon]}}}", "never-matches", "so this never matches"),
    # Access.
    Absurd(
        X, "start_hires/managers", '{holders: ["team:nobody"]}', "unknown-team", "nobody would be let in", "start_hires/managers/holders/0"
    ),
    Absurd(X, "start_hires/managers", "{units: [P102]}", "never-matches", "no hire is ever started there", "start_hires/managers/units/0"),
    Absurd(X, "start_hires/managers", "{positions: []}", "rule", "would match nothing", "start_hires/managers/positions"),
    Absurd(U, "confirm/every_months", "120", "rarely-confirmed", "would stand for years"),
    Absurd(U, "confirm/every_months", "0", "range", "powers would never be looked at anew"),
    Absurd(U, "confirm/warn_days", "365", "rule", "every delegation would always stand in warning", "confirm"),
    Absurd(U, "confirm/warn_days", "0", "never-warned", "managers would hear of it when it is late"),
    Absurd(U, "confirm/grace_days", "365", "long-grace", "asking for it would change nothing"),
    Absurd(W, "reasons/negotiation/longest_days", "366", "long-wait", "more than half a year, and never be late"),
    Absurd(W, "reasons/negotiation/longest_days", "4000", "range", "could wait for years and never be late"),
    Absurd(W, "reasons/negotiation/who", "[]", "rule", "an empty list would match nothing"),
    Absurd(G, "groups/children/units", "[municipality]", "everybody", "so everybody would be in 'children'"),
    Absurd(G, "groups/trusted/positions", "[]", "rule", "an empty list would match nothing"),
    Absurd(G, "groups/care/units", "[moon]", "never-matches", "so this never matches"),
    # Deadlines and mails.
    Absurd(L, "due/appoint/days", "240", "far-ahead", "most tasks would open late"),
    Absurd(L, "due/appoint/days", "300", "range", "it would be late before anybody is hired"),
    Absurd(L, "due/documents/at_least", "60", "too-late", "many would come too late"),
    Absurd(L, "payroll_cut_offs/first_half/last", "10", "not-served", "would have no cut-off", "payroll_cut_offs"),
    Absurd(L, "short_notice/days", "0", "never-short", "none would ever be marked"),
    Absurd(L, "short_notice/days", "200", "always-short", "nearly every hire is at short notice"),
    Absurd(L, "reminders", "[]", "no-reminders", "nobody is ever reminded"),
    Absurd(L, "reminders", "[-60]", "early-reminders", "most get none"),
    Absurd(L, "escalation/after", "400", "range", "would never get to anybody above"),
    Absurd(L, "escalation/every", "200", "slow-escalation", "hardly ever reach the top"),
    Absurd(L, "stranded/manager_above", "false", "nobody-told", "it would lie there for good"),
    Absurd(L, "mail/digest", "3", "never-sent", "so none would ever be sent"),
    Absurd(L, "mail/staff/until", "24", "at-night", "would come at night", "mail/staff"),
    Absurd(L, "mail/staff/until", "7", "rule", "nobody would ever be written to", "mail/staff"),
    Absurd(L, "mail/send", "[reminder]", "no-invitation", "would never get the link"),
    # Roles and names.
    Absurd(R, "rules/everybody/roles", "[boss]", "unknown-role", "so nothing would come of it"),
    Absurd(R, "roles/remote_access/grantable", "false", "unused-role", "so nobody can ever get it", "roles/remote_access"),
    Absurd(R, "roles/remote_access/grantable", "{most_days: 9999}", "range", "would never end"),
    Absurd(R, "roles/employee/entitlements/ldap", "[]", "rule", "an empty list would match nothing"),
    Absurd(
        R,
        "roles/trainee/entitlements/ldap",
        "[trainees]\n      mailbox: [x]",
        "delivers-nothing",
        "never be given",
        "roles/trainee/entitlements/mailbox",
    ),
    Absurd(R, "rules/payroll_officers/roles", "[payroll_office, school_leadership]", "conflict", "nobody's rights could be confirmed"),
    Absurd(R, "conflicts/pays_and_leads/roles", "[employee, payroll_office]", "conflict", "can't be confirmed", "rules/payroll_officers"),
    Absurd(
        R, "conflicts/pays_and_leads/roles", "[payroll_office]", "rule", "so nothing would ever be in conflict", "conflicts/pays_and_leads"
    ),
    Absurd(N, "naming/username", '"{given:1}"', "too-alike", "nobody could tell people apart"),
    Absurd(N, "naming/username", '"user"', "rule", "everybody would get the same name"),
    Absurd(N, "naming/address", '"{given}"', "too-alike", "told apart by a number alone"),
    Absurd(N, "naming/username_length", "6", "too-short", "numbers would take the place of letters"),
    Absurd(N, "naming/username_length", "3", "range", "names would be cut until nobody is told apart"),
    Absurd(N, "naming/fallback", "admin", "rule", "which nobody may be called here", "naming"),
    # Systems and forms.
    Absurd(S, "systems/payroll/lane_limit", "256", "floods", "it would fail, and its steps would wait"),
    Absurd(S, "systems/payroll/lane_limit", "0", "range", "no case would ever be worked"),
    Absurd(S, "systems/payroll/retry/most", "86400", "slow-retry", "hires would wait for it long after it is back"),
    Absurd(S, "systems/payroll/retry/first", "3600", "rule", "so the waits could never grow", "systems/payroll/retry"),
    Absurd(S, "systems/payroll/retry/first", "0.01", "hasty-retry", "no time to recover"),
    Absurd(S, "systems/payroll/connector", "payroll\n    doubt: accept", "unseen", "nobody would be asked", "systems/payroll/doubt"),
    Absurd(S, "systems/payroll/resources/record/per", "person", "one-of-two", "would only ever show one of them"),
    Absurd(S, "systems/ldap/resources/account/attributes/title", "cpr", "private", "every colleague who may look"),
    Absurd(S, "systems/mailbox/resources/mailbox/attributes/quota", "{value: plenty}", "no-number", "nobody would ever get one"),
    Absurd(S, "systems/mail/resources/message/attributes/language", "{value: fr}", "no-language", "would never be sent"),
    Absurd(F, "fields/scale_step/maximum", "5", "too-narrow", "could never be paid"),
    Absurd(F, "fields/scale_step/minimum", "56", "rule", "no value could be filled in", "fields/scale_step"),
    Absurd(F, "fields/occupation_rate/minimum", "0.99", "too-narrow", "could never be paid"),
    Absurd(F, "fields/occupation_rate/maximum", "100", "limits-nothing", "would never hold anything back"),
    # Equipment.
    Absurd(E, "ask/positions", "[astronaut]", "never-matches", "so this never matches"),
    Absurd(E, "catalogue/laptop/price", "0", "range", "would never reach a limit"),
    Absurd(E, "catalogue/laptop/price", "0.01", "cheap", "nobody would approve or confirm it"),
    Absurd(E, "catalogue/laptop/price", "6995000", "dear", "look at the decimals"),
    Absurd(E, "catalogue/uniform/account", '"9.99"', "account-not-allowed", "could never be ordered on it"),
    Absurd(E, "approval/the_rest/total_over", "9000000", "never-asked", "the manager is never asked"),
    Absurd(E, "receipt/confirm_from", "16000", "unseen", "without anybody having seen them"),
    Absurd(E, "accounts/form", "'.*'", "takes-anything", "no misspelt one would ever be found"),
    Absurd(E, "favourites/desk/items/screen", "9", "maximum", "so the proposal is always refused"),
    # Payroll tables.
    Absurd(P, "payroll/warn_days", "0", "range", "without anybody having been told in time"),
    Absurd(P, "payroll/warn_days", "730", "always-warned", "the warnings would never stop"),
    Absurd(AGREEMENTS, "ADM,/full_time_hours", "1", "full_time_hours", "paid as more than full time"),
    Absurd(AGREEMENTS, "ADM,/valid_to", "2014-01-01", "valid_to", "so the row would never hold"),
    Absurd(AGREEMENTS, "ADM,/valid_to", "2026-12-01", "ends", "there is no choice for"),
    Absurd(CLASSES, "ADM-1,/last_step", "900", "no-pay", "nobody on step 900 could ever be paid"),
    Absurd(CLASSES, "CARE-1,/papers", "love_letter", "unknown-document", "seniority could never be proved"),
    Absurd(STEPS, "main,20,284/monthly", "2000", "pays-less", "people would lose by seniority"),
    Absurd(STEPS, "main,1,20309/hourly", "20309", "month-and-hour", "would be paid wrongly"),
    Absurd(STEPS, "main,1,20309/valid_from", "2026-09-01", "overlap", "nobody could tell which counts"),
    Absurd(YEARS, "CARE-1,0/step", "2", "step", "nobody could be placed as this says"),
    Absurd(EXTRAS, "ADM-FUNC,/monthly", "900000", "monthly", "more than double anybody's pay"),
    Absurd(EXTRAS, "ADM-FUNC,/agreement", "NONE", "unknown-agreement", "this row would never count"),
    Absurd(PENSIONS, "P10,/from_age", "90", "from_age", "nobody would ever get this pension"),
    Absurd(PENSIONS, "P10,/agreement", "NONE", "unknown-agreement", "this row would never count"),
    Absurd(RATES, "ADM,,monthly/minimum", "1", "minimum", "part time would be refused"),
    Absurd(ALLOWED, ",accountant,ADM,ADM-2/first_step", "60", "never-chosen", "nobody could be paid by it"),
    Absurd(ALLOWED, ",caretaker,/unit", "moon", "never-matches", "so this row never matches"),
    Absurd(PLACES, "0100,/unit", "moon", "never-matches", "so this row never matches"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "policies"))


@pytest.mark.parametrize("edit", ABSURD, ids=lambda edit: f"{edit.file}:{edit.where}={edit.value[:20]}")
def test_an_absurd_value_is_told_with_file_line_and_what_it_leads_to(edit: Absurd, folder: Path) -> None:
    path = folder / edit.file
    text, line = edited(path.read_text(encoding="utf-8"), edit)
    path.write_text(text, encoding="utf-8")

    _, faults, warnings = check(folder, ORGANISATION, TODAY)

    told = [each for each in (*faults, *warnings) if (each.path, each.rule) == (f"{edit.file}:{line}", edit.rule)]
    assert any(edit.says in each.message for each in told), [*faults, *warnings]


def test_as_they_are_nothing_is_told_of_the_shipped_policies(folder: Path) -> None:
    assert check(folder, ORGANISATION, TODAY)[1:] == ([], [])


def test_every_file_of_the_shipped_policies_is_tried() -> None:
    files = {path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*") if path.suffix in (".yaml", ".csv")}

    assert {edit.file for edit in ABSURD} == files
    assert len({(edit.file, edit.where, edit.value) for edit in ABSURD}) == len(ABSURD) >= 50
