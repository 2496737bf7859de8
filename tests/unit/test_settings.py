from __future__ import annotations

from pathlib import Path

import pytest

from idm.errors import BadInput
from idm.settings import Settings, mask, read_settings


def test_an_installation_without_settings_is_a_folder_with_everything_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings()
    assert settings.home == Path("var")
    assert settings.database() == f"sqlite:///{tmp_path / 'var' / 'idm.sqlite'}"
    assert settings.embedded
    assert settings.masked()["database_url"] == settings.database()


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "idm.env").write_text("IDM_PORT=9001\nIDM_HOST=0.0.0.0\nIDM_DATABASE_URL=postgresql+psycopg://idm@db/idm\nOTHER=1\n")
    monkeypatch.setenv("IDM_HOME", str(tmp_path))
    monkeypatch.setenv("IDM_PORT", "9002")
    monkeypatch.setenv("IDM_BROKER_URL", "amqp://idm@mq/idm")
    settings = read_settings()

    assert (settings.home, settings.port, settings.host) == (tmp_path, 9002, "0.0.0.0")  # noqa: S104 - a value to read
    assert settings.database() == "postgresql+psycopg://idm@db/idm"
    assert not settings.embedded
    assert read_settings(port=9003).port == 9003


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDM_PORT", "many")
    monkeypatch.setenv("IDM_LEASE_SECONDS", "0")
    monkeypatch.setenv("IDM_THREADS", "-1")
    with pytest.raises(BadInput) as refusal:
        read_settings()
    assert sorted(fault.path for fault in refusal.value.faults) == ["IDM_LEASE_SECONDS", "IDM_PORT", "IDM_THREADS"]
    assert refusal.value.next_step


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////srv/idm.sqlite", "sqlite:////srv/idm.sqlite"),
        ("postgresql+psycopg://idm:hush@db:5432/idm", "postgresql+psycopg://idm:***@db:5432/idm"),
        ("amqp://idm@mq/idm", "amqp://idm@mq/idm"),
        ("smtp://user:p@ss:w@rd@mail:587", "smtp://user:***@mail:587"),
        ("", ""),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    assert mask(url) == shown


def test_what_the_doctor_prints_holds_no_password() -> None:
    settings = Settings(database_url="x://user:hush@host/a", broker_url="x://user:hush@host/b", smtp_url="x://user:hush@host/c")
    shown = settings.masked()
    assert "hush" not in str(shown)
    assert [shown[name] for name in ("database_url", "broker_url", "smtp_url")] == [f"x://user:***@host/{last}" for last in "abc"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("IDM_PROT=8080", "did you mean IDM_PORT?"),
        ("IMD_PORT=8080", "did you mean IDM_PORT?"),
        ("IDM_SHOE_SIZE=43", "IDM_SHOE_SIZE is no setting"),
        ("export IDM_HOTS=x", "did you mean IDM_HOST?"),
        ("IDM_PORT 8080", "NAME=value"),
    ],
)
def test_a_misspelt_line_of_the_file_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "idm.env").write_text(f"# settings\n\n{line}\n")
    with pytest.raises(BadInput) as refusal:
        read_settings(home=tmp_path)
    (fault,) = refusal.value.faults
    assert fault.path == "idm.env:3" and said in fault.message
    assert str(tmp_path / "idm.env") in refusal.value.next_step


def test_other_programs_variables_may_stand_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "idm.env").write_text("PGPASSFILE=/etc/idm/pgpass\nexport IDM_PORT=9001\nLANG=da_DK.UTF-8\n")
    assert read_settings(home=tmp_path).port == 9001
