import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from app.pages.forms import date_parts, date_problem, date_text, field_of, nest, whole


def test_dotted_names_become_nested_data_with_lists_in_order_of_their_numbers():
    form = MultiDict({"items.10.sets": "2", "items.9.sets": "3", "weeks": "6"})

    nested = nest(form)

    assert nested == {"items": [{"sets": "3"}, {"sets": "2"}], "weeks": "6"}


def test_ticked_boxes_arrive_as_a_list_whatever_was_left_unticked():
    form = MultiDict({"timing.0": "after_workout", "timing.3": "evening"})

    assert nest(form) == {"timing": ["after_workout", "evening"]}


def test_a_number_at_the_top_of_a_form_is_a_name_like_any_other():
    assert nest(MultiDict({"0": "x"})) == {"0": "x"}


def test_line_breaks_and_tabs_in_a_note_become_single_spaces():
    form = MultiDict({"note": "Slow\r\n\r\nand\teasy.\u2028Breathe."})

    assert nest(form) == {"note": "Slow and easy. Breathe."}


@pytest.mark.parametrize(
    "names",
    [["items", "items.0"], ["items.0", "items"], ["a..b"], [".a"], ["a" * 121], ["a.b.c.d.e.f"]],
    ids=["text and group", "group and text", "no name between", "no first name", "a long name", "too deep"],
)
def test_a_form_that_no_page_of_ours_sends_is_refused(names):
    with pytest.raises(BadRequest):
        nest(MultiDict(dict.fromkeys(names, "x")))


def test_a_form_with_too_many_fields_is_refused():
    with pytest.raises(BadRequest):
        nest(MultiDict({f"items.{number}.note": "" for number in range(1501)}))


@pytest.mark.parametrize("value", ["", "-1", "1.0", "٣", "9999999999", "x"])
def test_a_hidden_number_that_is_none_is_refused(value):
    with pytest.raises(BadRequest):
        whole(value)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"day": "9", "month": "3", "year": "1984"}, "1984-03-09"),
        ({"day": " 09 ", "month": "03", "year": "1984"}, "1984-03-09"),
        ({"day": "", "month": "", "year": ""}, ""),
        ({"day": "nine", "month": "3", "year": "1984"}, "1984-03-nine"),
        ({"day": "9", "month": "", "year": ""}, "--09"),
    ],
)
def test_three_fields_become_a_date_or_stay_what_was_typed(parts, text):
    assert date_text(parts) == text


@pytest.mark.parametrize("text", ["1984-03-09", "", "--09", "1984-03-nine"])
def test_a_date_that_was_typed_comes_back_into_its_three_fields(text):
    assert date_text(date_parts(text)) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", None),
        ("1984-03-09", None),
        ("1984-02-30", "Date of birth must be a real date, such as 9 3 2026."),
        ("84-03-09", "Date of birth must be a real date, such as 9 3 2026."),
        ("1984--09", "Date of birth must include a month."),
        ("--09", "Date of birth must include a month and a year."),
    ],
)
def test_a_date_that_is_none_says_what_is_wrong_with_it(text, problem):
    assert date_problem(text, "Date of birth") == problem


def test_a_path_of_the_program_file_leads_to_the_field_of_the_form():
    assert field_of("items[0].hold_seconds") == "items.0.hold_seconds"
