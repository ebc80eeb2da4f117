"""Known browsers: what they carry opens nothing, names nobody, and is worth nothing to anybody else."""

from datetime import timedelta

import pytest

from app.clock import now
from app.database import unit_of_work
from app.models import SignInName
from app.services import accounts, devices, resets, rights
from tests.builders import a_sign_in
from tests.conftest import PASSWORD
from tests.records import change, column

NEW_PASSWORD = "seven quiet herons wade"


def knows(carried, user, *, at=None):
    with unit_of_work(user.clinic_id) as session:
        return devices.known_in(session, carried, user, at=at or now())


def test_a_browser_is_known_for_whoever_signed_in_with_it_and_for_nobody_else(alma, sten, boris):
    carried = devices.remember("", user=alma, at=now())

    assert knows(carried, alma)
    assert [knows(carried, one) for one in (sten, boris)] == [None, None]


def test_a_computer_that_several_people_share_knows_the_latest_of_them(alma, sten, ada, boris):
    carried = ""
    for user in (alma, sten, alma, boris, ada):
        carried = devices.remember(carried, user=user, at=now())

    assert all(knows(carried, user) for user in (alma, sten, ada, boris))
    assert carried.count("~") == 3
    assert len(devices.remember("~".join([carried] * 9), user=alma, at=now()).split("~")) <= devices.MOST


def test_what_a_browser_carries_names_nobody(alma):
    carried = devices.remember("", user=alma, at=now())

    assert not any(word in carried for word in (alma.id, alma.clinic_id, alma.email, "alma", "Alma"))


def test_what_somebody_made_up_is_no_known_browser(alma):
    text = devices.remember("", user=alma, at=now())
    made_up = [
        text[:-1] + ("0" if text[-1] != "0" else "1"),
        "1" + text,
        text.replace(".", "~"),
        "~" * 9 + text,
        "",
        "\x00",
        "x" * 10_000,
        f"{int(now().timestamp())}.{'a' * 22}.{'0' * 64}",
    ]

    assert [knows(one, alma) for one in made_up] == [None] * 8


def test_a_browser_is_forgotten_after_half_a_year(alma):
    begun = now()
    carried = devices.remember("", user=alma, at=begun)

    assert knows(carried, alma, at=begun + timedelta(days=179))
    assert knows(carried, alma, at=begun + timedelta(days=180)) is None
    assert knows(carried, alma, at=begun - timedelta(days=1)) is None


def by_a_link(alma, ada):
    resets.choose(resets.send(alma.id, by=ada, at=now()).token, password=NEW_PASSWORD, at=now())


def by_oneself(alma, _ada):
    accounts.change_password(a_sign_in(alma), current=PASSWORD, new=NEW_PASSWORD, at=now())


def of_the_second_factor(alma, ada):
    resets.forget_second_factor(alma.id, by=ada, at=now())


def of_all_sign_ins(alma, ada):
    rights.end_sessions(alma.id, by=ada, at=now())


@pytest.mark.parametrize("reset", [by_a_link, by_oneself, of_the_second_factor, of_all_sign_ins])
def test_no_browser_is_known_after_a_reset(alma, ada, sten, reset):
    carried = devices.remember(devices.remember("", user=sten, at=now()), user=alma, at=now())

    reset(alma, ada)

    assert knows(carried, alma) is None
    assert knows(carried, sten)
    assert knows(devices.remember(carried, user=alma, at=now()), alma)


def test_who_has_no_address_to_sign_in_with_is_known_nowhere(app, alma):
    change(app, SignInName.__table__.delete().where(SignInName.user_id == alma.id))

    assert devices.remember("x", user=alma, at=now()) == "x"
    assert knows("x", alma) is None


def test_everybody_has_a_key_of_their_own(app):
    keys = column(app, SignInName.__table__.select().with_only_columns(SignInName.devices_key))

    assert len(set(keys)) == len(keys) > 1
