"""What the columns of the payroll tables are called and mean, said beside their fields: English texts of the portal's catalogues."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "agreement": "Agreement",
    "title_da": "Danish name",
    "title_en": "English name",
    "full_time_hours": "Hours at full time",
    "tolerance": "Tolerance",
    "pay_types": "Kinds of pay",
    "pay_type": "Kind of pay",
    "papers_days": "Days for the proof",
    "papers": "Proof of seniority",
    "pay_class": "Pay class",
    "scale": "Scale",
    "first_step": "Lowest step",
    "last_step": "Highest step",
    "step": "Step",
    "monthly": "Per month",
    "hourly": "An hour",
    "years": "Years of seniority",
    "supplement": "Supplement",
    "follows_rate": "Follows the rate",
    "group": "Group",
    "pension_code": "Pension",
    "percent": "Percent",
    "from_age": "From age",
    "below_age": "Below age",
    "from_hours": "From hours",
    "below_hours": "Below hours",
    "minimum": "Lowest rate",
    "maximum": "Highest rate",
    "unit": "Unit",
    "position": "Position",
    "institution": "Institution",
    "cost_centre": "Cost centre",
    "valid_from": "Holds from",
    "valid_to": "Holds until",
}
"""What each column is called; in the file it stands under its own name."""

MEANINGS: Mapping[str, str] = {
    "agreement": "Code of the collective agreement, such as TEACH.",
    "title_da": "What people are shown in Danish.",
    "title_en": "What people are shown in English.",
    "full_time_hours": "Hours a week that are full time.",
    "tolerance": "By how much the occupation rate may differ from the hours, such as 0.01.",
    "pay_types": "monthly, hourly, or both with a space between.",
    "pay_type": "By the month or by the hour.",
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
    "follows_rate": "Yes: a part-timer gets a part of it. No: always the whole.",
    "group": "A person gets at most one supplement of the same group.",
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
    "pay_type": "Empty: both.",
}
"""What an empty cell stands for, where a column may be empty."""


CHOICES: Mapping[str, Mapping[str, str]] = {
    "follows_rate": {"yes": "Yes", "no": "No"},
    "pay_type": {"monthly": "Monthly pay", "hourly": "Hourly pay"},
}
"""The columns of which there are few cells to choose from, and what those are called."""

MONEY = frozenset({"monthly", "hourly"})
"""The columns with kroner, which are written with two decimals, and may have thousands."""
DAYS = frozenset({"valid_from", "valid_to"})
"""The columns with dates."""


def meaning(column: str, *, may_be_empty: bool) -> tuple[str, ...]:
    """What is said beside a column's field: sentences of the catalogues, none for a column that speaks for itself."""
    said = MEANINGS.get(column, ""), EMPTY.get(column, "") if may_be_empty else ""
    return tuple(each for each in said if each)
