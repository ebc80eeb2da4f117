import pytest

from prescriptions.dose import PARAMETERS, Range


@pytest.mark.parametrize(("value", "inside"), [(1, False), (2, True), (3, True), (4, False)])
def test_both_ends_of_a_range_belong_to_it(value, inside):
    assert (value in Range(2, 3, 2, ("supine.dose",))) is inside


@pytest.mark.parametrize(("low", "high", "words"), [(20, 30, "20 to 30"), (5, 5, "5")])
def test_a_range_reads_without_a_dash(low, high, words):
    assert str(Range(low, high, low, ())) == words


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("hold_seconds", 1, "1 second"),
        ("hold_seconds", 30, "30 seconds"),
        ("sets", 1, "1"),
        ("rest_seconds", 0, "0 seconds"),
    ],
)
def test_a_quantity_has_its_unit(key, value, words):
    assert PARAMETERS[key].quantity(value) == words
