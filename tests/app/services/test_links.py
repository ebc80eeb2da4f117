"""One-time links: they work once, for a while, for one person, and only for what they are for."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from app.clock import now
from app.database import unit_of_work
from app.errors import LinkError
from app.models import OneTimeLink
from app.services import links, rights
from app.services.links import LIFETIME, Kind
from tests.builders import STRANGER_ID
from tests.records import column

KINDS = list(Kind)


def a_link(kind, user, *, at=None):
    with unit_of_work(user.clinic_id) as session:
        return links.make(session, kind, user=user, by=None, at=at or now())


def owner(kind, token, *, at=None):
    with unit_of_work(links.clinic_id_of(kind, token)) as session:
        return links.owner(session, kind, token, at=at or now())


def use(kind, token, *, at=None):
    with unit_of_work(links.clinic_id_of(kind, token)) as session:
        return links.use(session, kind, token, at=at or now())


@pytest.mark.asvs("6.4.1")
@pytest.mark.parametrize("kind", KINDS)
def test_a_link_works_once(kind, alma):
    token = a_link(kind, alma)

    assert use(kind, token).id == alma.id
    with pytest.raises(LinkError):
        use(kind, token)


@pytest.mark.parametrize("kind", KINDS)
def test_looking_at_a_link_uses_up_nothing(kind, alma):
    token = a_link(kind, alma)

    for _ in range(3):
        assert owner(kind, token).id == alma.id
    assert use(kind, token).id == alma.id


@pytest.mark.asvs("6.4.1")
@pytest.mark.parametrize("kind", KINDS)
def test_a_link_has_its_time(kind, alma):
    token = a_link(kind, alma)
    end = now() + LIFETIME[kind]

    assert owner(kind, token, at=end - timedelta(minutes=1)).id == alma.id
    with pytest.raises(LinkError):
        use(kind, token, at=end + timedelta(seconds=1))


@pytest.mark.asvs("6.4.1")
def test_no_link_lives_for_more_than_a_day():
    assert max(LIFETIME.values()) <= timedelta(hours=24)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_link_makes_the_older_worthless(kind, alma):
    old, new = a_link(kind, alma), a_link(kind, alma)

    with pytest.raises(LinkError):
        owner(kind, old)
    assert owner(kind, new).id == alma.id


def test_a_link_of_one_kind_leaves_the_other_alone(alma):
    reset = a_link(Kind.PASSWORD_RESET, alma)
    a_link(Kind.INVITATION, alma)

    assert owner(Kind.PASSWORD_RESET, reset).id == alma.id


def test_a_link_of_a_colleague_leaves_mine_alone(alma, sten):
    mine = a_link(Kind.PASSWORD_RESET, alma)
    a_link(Kind.PASSWORD_RESET, sten)

    assert owner(Kind.PASSWORD_RESET, mine).id == alma.id


def test_a_link_to_a_password_accepts_no_invitation(alma):
    token = a_link(Kind.PASSWORD_RESET, alma)

    with pytest.raises(LinkError):
        use(Kind.INVITATION, token)
    with pytest.raises(LinkError):
        use(Kind.INVITATION, "iv_" + token.removeprefix("pr_"))
    assert use(Kind.PASSWORD_RESET, token).id == alma.id


@pytest.mark.parametrize("token", ["", "pr_", "x" * 200, "\x00", "\ud800", f"pr_{STRANGER_ID}.{'x' * 43}"])
def test_what_is_no_link_of_ours_opens_nothing(token):
    with pytest.raises(LinkError):
        owner(Kind.PASSWORD_RESET, token)


def test_a_link_that_names_another_clinic_opens_nothing(alma, boris):
    token = a_link(Kind.PASSWORD_RESET, alma)

    with pytest.raises(LinkError):
        use(Kind.PASSWORD_RESET, token.replace(alma.clinic_id, boris.clinic_id))


def test_a_link_of_somebody_disabled_opens_nothing(alma, ada):
    token = a_link(Kind.PASSWORD_RESET, alma)
    rights.disable(alma.id, by=ada, at=now())

    with pytest.raises(LinkError):
        owner(Kind.PASSWORD_RESET, token)
    rights.enable(alma.id, by=ada, at=now())
    with pytest.raises(LinkError):
        owner(Kind.PASSWORD_RESET, token)


def test_a_link_that_is_made_for_somebody_disabled_opens_nothing_either(alma, ada):
    rights.disable(alma.id, by=ada, at=now())
    token = a_link(Kind.PASSWORD_RESET, alma)

    with pytest.raises(LinkError):
        use(Kind.PASSWORD_RESET, token)


def test_only_the_hash_of_a_link_is_kept(app, alma):
    token = a_link(Kind.PASSWORD_RESET, alma)

    (kept,) = column(app, select(OneTimeLink.token_sha256))
    assert len(kept) == 64
    assert kept not in token


@pytest.mark.asvs("2.3.4", "15.4.2")
def test_of_two_who_use_a_link_at_once_one_succeeds(app, alma):
    token = a_link(Kind.PASSWORD_RESET, alma)
    together, outcomes = Barrier(4), []

    def race():
        with app.app_context():
            together.wait()
            try:
                outcomes.append(use(Kind.PASSWORD_RESET, token).id)
            except LinkError:
                outcomes.append("refused")

    threads = [Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == sorted([alma.id, "refused", "refused", "refused"])
