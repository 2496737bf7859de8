"""Fill in the words that people are found by since revision 0004."""

from __future__ import annotations

import sqlalchemy as sa

from idm.domain.search_words import search_words

_AT_ONCE = 1000


def fill_in(connection: sa.Connection) -> None:
    """Fill them in for everybody who is known already."""
    query = sa.text("select id, given_name, family_name, username, email, address from people")
    found = [
        {"word": word, "id": id}
        for id, given, family, username, email, address in connection.execute(query).all()
        for word in search_words(" ".join((given, family, username, email.partition("@")[0], address.partition("@")[0])))
    ]
    for start in range(0, len(found), _AT_ONCE):
        connection.execute(sa.text("insert into person_words (word, person_id) values (:word, :id)"), found[start : start + _AT_ONCE])
