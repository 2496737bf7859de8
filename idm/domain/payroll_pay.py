"""What somebody is paid in kroner a month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from idm.domain.payroll_lanes import Lane

WEEKS_A_MONTH = Decimal(52) / Decimal(12)
"""A twelfth of a year of 52 weeks."""


def monthly_amount(lanes: Iterable[Lane], values: Mapping[str, str], weekly_hours: Decimal | None) -> Decimal | None:
    """Kroner a month before tax and pension, to the øre, of the one lane left; None until class, step, kind of pay and rate are known.

    Monthly pay is the step's amount times the rate. Hourly pay is the step's amount an hour times the weekly hours (the rate's share
    of full time, if they aren't known), for a twelfth of 52 weeks. Supplements come on top, times the rate where they follow it.
    """
    left = list(lanes)
    classes = {(lane.agreement.code, lane.pay_class.code, lane.pay_type) for lane in left}
    step, rate = values.get("scale_step"), values.get("occupation_rate")
    if len(classes) != 1 or step is None or rate is None:
        return None
    lane, share = left[0], Decimal(rate)
    row = lane.steps[int(step)]
    if lane.pay_type == "hourly":
        hours = weekly_hours if weekly_hours is not None else share * lane.agreement.full_time_hours
        amount = row.hourly * hours * WEEKS_A_MONTH
    else:
        amount = row.monthly * share
    for code in values.get("supplements", "").split():
        supplement = lane.supplements[code]
        amount += supplement.monthly * share if supplement.follows_rate else supplement.monthly
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
