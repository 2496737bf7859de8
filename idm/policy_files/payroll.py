"""The payroll tables among the policy files: told from the YAML ones, read, checked, and made into the domain's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from idm.domain.payroll_funnel import FIELDS, SEVERAL
from idm.domain.payroll_tables import WARN_DAYS, PayrollTables
from idm.errors import Fault
from idm.policy_files import models_forms, models_papers, payroll_build
from idm.policy_files.build import Draft
from idm.policy_files.payroll_checks import table_faults
from idm.policy_files.payroll_csv import ReadTable, read_table, table_of
from idm.policy_files.payroll_models import PayrollFile
from idm.policy_files.read import PolicyText, nearest, one_of


def read_tables(texts: Iterable[PolicyText]) -> tuple[ReadTable, ...]:
    """The payroll tables among the texts."""
    return tuple(read_table(name, text) for text in texts if (name := table_of(text.file)) is not None)


def payroll_faults(draft: Draft, unread: Sequence[Fault] = ()) -> Iterator[Fault]:
    """Every fault of the payroll tables, and of the form fields that are drawn from them."""
    missing = {name for fault in unread if (name := table_of(fault.path.rpartition(":")[0])) is not None}
    papers = draft.one(models_papers.DocumentsFile)
    yield from table_faults(draft.payroll, missing, papers[1].documents if papers else None)
    for file, form in draft.each(models_forms.FormFile):
        for id_, field in form.fields.items():
            if field.source is None:
                continue
            at = ("fields", id_, "source")
            if id_ not in FIELDS:
                yield file.fault(
                    at, "unknown-field", f"the payroll funnel has no field '{id_}'{nearest(id_, FIELDS)}; it has: {one_of(FIELDS)}"
                )
            elif not draft.payroll and not missing:
                yield file.fault(at, "no-tables", "the folder payroll/ has no tables, so nothing could be chosen; put them back")
            elif (id_ in SEVERAL) != (field.type == "choices"):
                kind = "choices" if id_ in SEVERAL else "choice, date, integer or decimal"
                yield file.fault(at, "type", f"'{id_}' is of type {kind}")


def payroll_tables(draft: Draft) -> PayrollTables:
    """The tables as one set. Call it only when they have no faults."""
    settings = draft.one(PayrollFile)
    return payroll_build.tables(draft.payroll, settings[1].payroll.warn_days if settings else WARN_DAYS)
