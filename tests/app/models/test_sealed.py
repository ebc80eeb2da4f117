"""Sealed values: they open in their own place, under their clinic's key, as they were written; or not at all."""

import secrets

import pytest

from app.models.sealed import DATA_KEYS, OVERHEAD, UnsealableError, seal, unseal

RIVERSIDE, LAKESIDE = "c-riverside", "c-lakeside"
HERE = "patient.name:p1"


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    """Each clinic has a first data key."""
    monkeypatch.setattr(DATA_KEYS, "reload", lambda _clinic_id: None)
    for clinic in (RIVERSIDE, LAKESIDE):
        DATA_KEYS.remember(clinic, {1: secrets.token_bytes(32)})
    yield
    DATA_KEYS.forget()


def sealed(value=b"Maya Holm", *, clinic_id=RIVERSIDE, bound_to=HERE):
    return seal(value, clinic_id=clinic_id, bound_to=bound_to)


def opened(stored, *, clinic_id=RIVERSIDE, bound_to=HERE):
    return unseal(stored, clinic_id=clinic_id, bound_to=bound_to)


@pytest.mark.parametrize("value", [b"", b"Maya Holm", bytes(range(256)), "Zoë 李".encode()])
def test_a_value_opens_where_it_was_sealed(value):
    assert opened(sealed(value)) == value


def test_a_sealed_value_shows_its_length_and_nothing_else():
    assert len(sealed(b"Maya Holm")) == len(b"Maya Holm") + OVERHEAD
    assert b"Maya" not in sealed(b"Maya Holm")


@pytest.mark.asvs("11.3.1")
def test_the_same_value_is_sealed_differently_each_time():
    assert sealed() != sealed()


@pytest.mark.asvs("11.3.2", "11.3.3")
@pytest.mark.parametrize("elsewhere", ["patient.name:p2", "patient.identifier:p1", "draft.name:p1", ""])
def test_a_value_opens_in_no_other_row_column_or_table(elsewhere):
    with pytest.raises(UnsealableError):
        opened(sealed(), bound_to=elsewhere)


def test_a_value_opens_in_no_other_clinic():
    with pytest.raises(UnsealableError):
        opened(sealed(), clinic_id=LAKESIDE)


@pytest.mark.asvs("11.3.2", "11.3.3")
def test_a_value_with_one_flipped_bit_does_not_open():
    stored = sealed()
    for place in range(len(stored) * 8):
        flipped = bytearray(stored)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(UnsealableError):
            opened(bytes(flipped))


@pytest.mark.parametrize("stored", [b"", b"\x00", b"\x00Maya Holm", b"\x01", b"\x01\x00\x00\x00\x01", b"\x02" * 40])
def test_what_was_never_sealed_does_not_open(stored):
    with pytest.raises(UnsealableError):
        opened(stored)


def test_what_is_written_now_is_under_the_newest_key():
    old = sealed()
    DATA_KEYS.remember(RIVERSIDE, {1: DATA_KEYS.key(RIVERSIDE, 1), 2: secrets.token_bytes(32)})

    assert (old[4], sealed()[4]) == (1, 2)
    assert opened(old) == opened(sealed()) == b"Maya Holm"


def test_a_key_that_is_not_known_is_asked_for_once(monkeypatch):
    stored, keys = sealed(), {1: DATA_KEYS.key(RIVERSIDE, 1)}
    DATA_KEYS.remember(RIVERSIDE, {7: secrets.token_bytes(32)})
    asked = []

    def reload(clinic_id):
        asked.append(clinic_id)
        DATA_KEYS.remember(clinic_id, keys)

    monkeypatch.setattr(DATA_KEYS, "reload", reload)

    assert (opened(stored), opened(stored), asked) == (b"Maya Holm", b"Maya Holm", [RIVERSIDE])


def test_a_key_that_is_nowhere_is_no_reason_to_ask_for_ever():
    stored = sealed()
    DATA_KEYS.remember(RIVERSIDE, {7: secrets.token_bytes(32)})

    with pytest.raises(UnsealableError):
        opened(stored)


def test_nothing_is_sealed_before_the_keys_are_known():
    with pytest.raises(UnsealableError):
        sealed(clinic_id="c-unknown")


def test_loaded_keys_count_as_the_newest_for_a_while_only(monkeypatch):
    assert DATA_KEYS.has(RIVERSIDE)

    monkeypatch.setattr("app.models.sealed.GOOD_FOR_SECONDS", -1.0)
    DATA_KEYS.remember(RIVERSIDE, {1: secrets.token_bytes(32)})

    assert not DATA_KEYS.has(RIVERSIDE)


def test_the_sentence_of_a_damaged_value_tells_nothing_of_it():
    with pytest.raises(UnsealableError, match="altered or damaged") as refusal:
        opened(sealed(b"Maya Holm")[:-1])

    assert "Maya" not in str(refusal.value)
