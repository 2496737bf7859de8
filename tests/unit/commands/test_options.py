"""Values that options take: a day as a day, an amount as an exact one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import click
import pytest
from click.testing import CliRunner

from idm.commands.options import DAY, kroner
from idm.errors import BadUsage


@click.command()
@click.option("--on", type=DAY)
def told(on: date | None) -> None:
    click.echo(repr(on))


def test_a_day_is_a_day_and_nothing_if_it_is_left_out() -> None:
    assert CliRunner().invoke(told, ["--on", "2027-01-04"]).output == "datetime.date(2027, 1, 4)\n"
    assert CliRunner().invoke(told, []).output == "None\n"


@pytest.mark.parametrize("text", ["2027-02-30", "4.1.2027", "2027-01-04T10:00"])
def test_what_is_no_day_is_refused_with_the_way_to_write_it(text: str) -> None:
    refused = CliRunner().invoke(told, ["--on", text])
    assert refused.exit_code == 2
    assert "%Y-%m-%d" in refused.output


def test_an_amount_is_exact() -> None:
    assert (kroner("50000.50"), kroner("")) == (Decimal("50000.50"), None)
    with pytest.raises(BadUsage):
        kroner("50.000")
