"""What the text of a form's field must look like, by the name that a form gives the check.

Each check answers the text as it is kept, and raises ValueError with words for the person who typed it. No message repeats the text:
it may be an account number or an address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from idm.domain.countries import COUNTRIES

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]")
_MOBILE = re.compile(r"\+[1-9]\d{6,14}|[2-9]\d{7}", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_LONGEST_LINE = 100

IBAN_LENGTHS: Mapping[str, int] = {
    code: length
    for length, codes in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL",
        19: "MK SI",
        20: "AT BA EE LT LU XK",
        21: "CH HR LI LV",
        22: "BG DE GB GE IE ME RS",
        23: "AE GI IL",
        24: "AD CZ ES MD PK RO SE SK TN",
        25: "PT",
        26: "IS TR",
        27: "FR GR IT MC SM",
        28: "AL CY HU LB PL",
        29: "BR UA",
        31: "MT",
    }.items()
    for code in codes.split()
}
"""The length of an account number in full, by country (the IBAN registry of ISO 13616); of other countries any that the standard allows."""


def line(text: str) -> str:
    """One line of text without control characters."""
    if len(text) > _LONGEST_LINE:
        raise ValueError(f"is longer than {_LONGEST_LINE} characters")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for letter in text):
        raise ValueError("holds a line break or a character that can't be printed")
    return text


def postcode(text: str) -> str:
    """A Danish postcode."""
    if not re.fullmatch(r"[0-9]{4}", text) or text == "0000":
        raise ValueError("must be four digits, such as 8000")
    return text


def country(text: str) -> str:
    """A country's code (ISO 3166-1), in capital letters."""
    if text.upper() not in COUNTRIES:
        raise ValueError("must be a country's code of two letters (ISO 3166-1), such as DE")
    return text.upper()


def mobile(text: str) -> str:
    """A mobile number in the form of E.164; eight digits are a Danish one."""
    number = re.sub(r"[ ()-]", "", text)
    if not _MOBILE.fullmatch(number):
        raise ValueError("must be eight digits, or + and the country's code with 7 to 15 digits (E.164)")
    return number if number.startswith("+") else f"+45{number}"


def email(text: str) -> str:
    """A mail address in ASCII (RFC 5321 without quoting)."""
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise ValueError("must be a mail address such as name@example.org (a domain with other letters in its xn-- form)")
    return text


def registration_number(text: str) -> str:
    """A Danish bank's registration number."""
    if not re.fullmatch(r"[0-9]{4}", text) or text == "0000":
        raise ValueError("must be four digits, such as 1234")
    return text


def account_number(text: str) -> str:
    """A Danish bank's account number, without the registration number: always ten digits, filled up with zeros before it.

    Blanks, dots and hyphens between are how people write it.
    """
    digits = re.sub(r"[ .-]", "", text)
    if not re.fullmatch(r"[0-9]{1,14}", digits) or not digits.strip("0"):
        raise ValueError("must be at most ten digits, such as 0012345678")
    if len(digits) > 10:
        raise ValueError("must be at most ten digits; the registration number has a field of its own")
    return digits.zfill(10)


def iban(text: str) -> str:
    """An account number in full (ISO 13616), whose check digits fit (ISO 7064, MOD 97-10). Blanks between are left out."""
    number = re.sub(r"[ -]", "", text).upper()
    if not _IBAN.fullmatch(number) or number[:2] not in COUNTRIES:
        raise ValueError("must be an IBAN: a country's two letters, two digits, and the account, such as DE89 3704 0044 0532 0130 00")
    wanted = IBAN_LENGTHS.get(number[:2])
    if wanted is not None and len(number) != wanted:
        raise ValueError(f"must have {wanted} characters in that country; it has {len(number)}")
    if int("".join(str(int(letter, 36)) for letter in number[4:] + number[:4])) % 97 != 1:
        raise ValueError("has a mistake in it: its check digits don't fit; look at it again, digit by digit")
    return number


CHECKS: Mapping[str, Callable[[str], str]] = {
    "line": line,
    "postcode": postcode,
    "country": country,
    "mobile": mobile,
    "email": email,
    "registration_number": registration_number,
    "account_number": account_number,
    "iban": iban,
}
"""Every check by the name that a form gives it."""
