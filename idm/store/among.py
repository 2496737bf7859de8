"""Values by the hundred in one statement, however many they are: both databases limit how many parameters one takes."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Text, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def among(column: ColumnElement[Any], values: Collection[str], *, sqlite: bool) -> ColumnElement[bool]:
    """That a column holds one of `values`."""
    wanted = sorted(set(values))
    if sqlite:
        each = func.json_each(json.dumps(wanted)).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(cast(bindparam(None, wanted, type_=ARRAY(Text)), ARRAY(Text)))


def words(column: str, name: str, *, sqlite: bool) -> str:
    """The same in SQL: that `column` holds one of the values of the parameter `name`, which `listed` writes."""
    if sqlite:
        return f"{column} in (select value from json_each(:{name}))"
    return f"{column} = any(cast(:{name} as text[]))"


def listed(values: Collection[str], *, sqlite: bool) -> str | list[str]:
    """Values as a parameter that `words` asks for."""
    wanted = sorted(set(values))
    return json.dumps(wanted) if sqlite else wanted
