"""ranking.hour_picture: bars that can be measured, in the colour of the text around them."""

from xml.etree import ElementTree

import pytest

from ranking.burst import Hour
from ranking.hour_picture import drawn

SVG = "{http://www.w3.org/2000/svg}"


def shapes(hours, **more):
    markup = drawn(hours, title="일본", **more).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    return ElementTree.fromstring(markup)  # noqa: S314 - our own


def test_an_hour_is_a_bar_of_its_selections_and_one_of_its_visitors():
    hours = [Hour(hour, 10 if hour == 21 else 0, 5 if hour == 21 else 0) for hour in range(24)]

    picture = shapes(hours)

    selections, visitors = picture.findall(f"{SVG}g/{SVG}rect")
    assert float(selections.get("height")) == 2 * float(visitors.get("height"))
    assert selections.get("x") == visitors.get("x")
    assert [title.text for title in picture.iter(f"{SVG}title")][21] == "21:00  10 / 5"


def test_marked_hours_stand_on_a_band():
    picture = shapes([Hour(hour, 1, 1) for hour in range(24)], marked={3, 4})

    assert len(picture.findall(f"{SVG}rect")) == 2


@pytest.mark.parametrize(
    ("most", "scale"), [(0, 2), (1, 2), (9, 10), (11, 20), (14, 20), (45, 50), (101, 200), (12_345, 20_000)]
)
def test_the_scale_ends_on_a_round_number_that_is_even(most, scale):
    picture = shapes([Hour(0, most, 0)])

    told = [text.text for text in picture.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    assert told[-1] == f"{scale:,}"
    assert int(told[1].replace(",", "")) * 2 == scale


def test_it_has_a_name_and_neither_styles_nor_scripts():
    markup = drawn([Hour(0, 1, 1)], title='"일본" <b>')

    assert 'aria-label="&quot;일본&quot; &lt;b&gt;"' in markup
    assert "style" not in markup
    assert "<script" not in markup
