"""What the columns of the payroll tables mean, said beside their fields: English texts of the portal's catalogues."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "agreement": "Code of the collective agreement, such as TEACH.",
    "title_da": "What people are shown in Danish.",
    "title_en": "What people are shown in English.",
    "full_time_hours": "Hours a week that are full time.",
    "tolerance": "By how much the occupation rate may differ from the hours, such as 0.01.",
    "pay_types": "monthly, hourly, or both with a space between.",
    "pay_type": "monthly or hourly.",
    "papers_days": "How many days after the first day proof of seniority still counts.",
    "papers": "The kind of document that proves seniority.",
    "pay_class": "Code of the pay class.",
    "scale": "The scale whose steps the class pays.",
    "first_step": "The lowest step.",
    "last_step": "The highest step.",
    "step": "The step's number.",
    "monthly": "Kroner a month at full time.",
    "hourly": "Kroner an hour.",
    "years": "From so many full years of seniority on.",
    "supplement": "Code of the supplement.",
    "follows_rate": "yes: a part-timer gets a part of it. no: always the whole.",
    "group": "Of one group at most one supplement can be had.",
    "pension_code": "Code of the pension.",
    "percent": "Percent of the pay.",
    "from_age": "From this age on, on the first day.",
    "below_age": "Up to this age, not including it.",
    "from_hours": "From so many hours a week on.",
    "below_hours": "Below so many hours a week.",
    "minimum": "The lowest occupation rate; 1 is full time.",
    "maximum": "The highest occupation rate; 1 is full time.",
    "unit": "Id of the unit; it holds for all below it, too.",
    "position": "Id of the position.",
    "institution": "Code of the institution in payroll.",
    "cost_centre": "Code of the cost centre that bears the pay.",
}
"""By column; the two days that a row holds speak for themselves."""

EMPTY: Mapping[str, str] = {
    "papers": "Empty: none is needed.",
    "pay_class": "Empty: every class of the agreement.",
    "first_step": "Empty: the class's own.",
    "last_step": "Empty: the class's own.",
    "unit": "Empty: every unit.",
    "position": "Empty: every position.",
}
"""What an empty cell stands for, where a column may be empty."""


def meaning(column: str, *, may_be_empty: bool) -> tuple[str, ...]:
    """What is said beside a column's field: sentences of the catalogues, none for a column that speaks for itself."""
    said = MEANINGS.get(column, ""), EMPTY.get(column, "") if may_be_empty else ""
    return tuple(each for each in said if each)
