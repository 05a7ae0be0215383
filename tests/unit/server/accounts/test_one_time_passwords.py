"""A one-time password under two requests at once, on the encrypted database that a district runs."""

import secrets
import threading
from pathlib import Path

import sqlalchemy as sa

from server.accounts import one_time_passwords
from server.settings import Database
from server.storage import engine as databases
from server.storage import tables

DISTRICT, MOBILE, NOW_MS = "rampur", "9000000001", 1_795_000_000_000


def encrypted_database(folder: Path) -> sa.Engine:
    (folder / "key").write_text(secrets.token_hex(32))
    engine = databases.connect(Database(path=folder / "server.db", key_file=folder / "key"))
    tables.metadata.create_all(engine)
    with databases.writing(engine) as connection:
        connection.execute(
            sa.insert(tables.officers).values(
                district_id=DISTRICT,
                officer_id="o-1",
                mobile=MOBILE,
                name="Madhu",
                role="supervisor",
                scope="s-1",
                language="hi",
                otp_secret=b"a secret of 20 bytes",
            )
        )
    return engine


def redeem_at_once(engine: sa.Engine, typed: list[str]) -> list[str | None]:
    answers: list[str | None] = []

    def redeem(code: str) -> None:
        answers.append(one_time_passwords.redeem(engine, DISTRICT, MOBILE, code, NOW_MS))

    threads = [threading.Thread(target=redeem, args=(code,)) for code in typed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_code_typed_twice_at_once_logs_in_once(tmp_path: Path) -> None:
    engine = encrypted_database(tmp_path)
    issued = one_time_passwords.issue(engine, DISTRICT, MOBILE, NOW_MS)
    assert issued is not None
    answers = redeem_at_once(engine, [issued.code] * 6)
    assert sorted(answer or "" for answer in answers) == ["", "", "", "", "", "o-1"]
    engine.dispose()


def test_many_guesses_at_once_are_five_tries_and_no_more(tmp_path: Path) -> None:
    engine = encrypted_database(tmp_path)
    issued = one_time_passwords.issue(engine, DISTRICT, MOBILE, NOW_MS)
    assert issued is not None
    redeem_at_once(engine, ["no guess"] * 8)
    assert one_time_passwords.redeem(engine, DISTRICT, MOBILE, issued.code, NOW_MS) is None
    with engine.connect() as connection:
        locked = connection.execute(sa.select(tables.officers.c.locked_until_ms)).scalar_one()
    assert locked == NOW_MS + one_time_passwords.LOCKED_MS
    engine.dispose()
