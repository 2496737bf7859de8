from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from idm.domain.ids import ALPHABET, new_id


@given(st.binary(min_size=10, max_size=10))
def test_an_id_is_short_and_without_letters_that_look_like_digits(random: bytes) -> None:
    prefix, _, rest = new_id("c", random).partition("-")

    assert prefix == "c"
    assert len(rest) == 10
    assert set(rest) <= set(ALPHABET)
    assert not set(rest) & set("ilou")


@given(st.lists(st.binary(min_size=10, max_size=10).map(lambda b: b[:6] + b"\0" * 4), min_size=2, max_size=20, unique=True))
def test_other_bytes_are_other_ids(randoms: list[bytes]) -> None:
    assert len({new_id("c", random) for random in randoms}) == len(randoms)
