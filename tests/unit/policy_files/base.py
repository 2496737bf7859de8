"""A small sound set of policies, to be broken one edit at a time."""

from __future__ import annotations

from pathlib import Path

HIRE = """\
journey: hire
event: dk.idm.hire
steps:
  appoint: {kind: human, task: appoint, actor: manager, approves: hire, by_itself: true}
  account: {kind: automatic, system: ldap, resources: [account], needs: [appoint]}
  document: {kind: human, task: document, actor: hire, for_each: document, needs: [appoint]}
  review:
    kind: human
    task: review
    actor: reviewer
    for_each: document
    needs: [document]
    returns_to: document
    approves: documents
  payroll_form: {kind: human, task: form, form: payroll, actor: pay, needs: [review], approves: payroll}
  record: {kind: automatic, system: payroll, resources: [record], needs: [review, payroll_form]}
  file: {kind: automatic, system: archive, resources: [document], needs: [review]}
  rights: {kind: human, task: rights, actor: it, needs: [appoint], approves: rights}
  directory_rights: {kind: automatic, system: ldap, resources: [rights], needs: [rights, account]}
  opening: {kind: timer, until: start_date, needs: [appoint]}
  open_account: {kind: automatic, system: ldap, resources: [opening], needs: [opening, account]}
"""

PAYROLL = """\
form: payroll
fields:
  agreement: {type: choice, titles: {da: Overenskomst, en: Agreement}, choices: [ADM, CARE]}
  step: {type: integer, titles: {da: Trin, en: Step}, minimum: 1, maximum: 55}
  from: {type: date, titles: {da: Fra, en: From}, default: start_date}
  note: {type: text, titles: {da: Note, en: Note}, pattern: "[A-Z]+", required: false}
"""

DOCUMENTS = """\
documents:
  contract:
    titles: {da: Kontrakt, en: Contract}
    reviewer: pay
    media_types: [application/pdf]
    max_size: 10 MB
  photo:
    titles: {da: Foto, en: Photo}
    reviewer: it
    media_types: [image/jpeg, image/png]
    max_size: 500 kB
    positions: [nurse]
"""

ROLES = """\
roles:
  employee: {titles: {da: Medarbejder, en: Employee}, entitlements: {ldap: [all-staff]}}
  nurse: {titles: {da: Sygeplejerske, en: Nurse}, entitlements: {ldap: [care]}, grantable: true}
rules:
  everybody: {roles: [employee]}
  nurses:
    roles: [nurse]
    positions: [nurse]
    units: [care]
"""

SYSTEMS = """\
systems:
  ldap:
    connector: ldap
    config: {url: simulator, bases: [a, b]}
    lane_limit: 4
    retry: {first: 1, factor: 2.5, most: 60, circuit_failures: 3, cool_down: 10}
    resources:
      account:
        per: person
        approved_by: [hire]
        opens: start_date
        rights: true
        attributes:
          username: username
          kind: {value: staff}
  payroll:
    connector: payroll
    lane: slow
    resources:
      record:
        per: employment
        approved_by: [hire, documents, payroll]
        attributes: {cpr: cpr, agreement: payroll.agreement}
  archive:
    connector: personnel_file
    lane: slow
    doubt: accept
    resources:
      document:
        per: document
        approved_by: [hire, documents]
        posting: true
        attributes: {file: employment.id, title: document.title, tags: {value: [a, b]}}
"""

NAMING = """\
naming:
  username: "{given:3}{family:3}"
  username_length: 12
  address: "{given}.{family}"
  domain: example.org
  transliteration: {æ: ae, ø: oe}
"""

BASE = {
    "journeys/hire.yaml": HIRE,
    "forms/payroll.yaml": PAYROLL,
    "documents.yaml": DOCUMENTS,
    "roles.yaml": ROLES,
    "systems.yaml": SYSTEMS,
    "naming.yaml": NAMING,
}


def write(folder: Path, texts: dict[str, str] | None = None) -> Path:
    """Write the files (the sound set unless others are given) into `folder`."""
    for name, text in (texts or BASE).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def edited(file: str, old: str, new: str) -> dict[str, str]:
    """The sound set with one passage replaced; it must be there exactly once."""
    assert BASE[file].count(old) == 1, f"{old!r} stands {BASE[file].count(old)} times in {file}"
    return {**BASE, file: BASE[file].replace(old, new)}
