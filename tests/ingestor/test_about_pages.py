"""The pages about the data: every source with its age, the methods in both languages, what was wrong."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from config.pages import page
from currency.models import Currency, Provider
from ingestor import about, methods, notices
from ingestor.models import Kind
from ingestor.registry import price_profiles, profiles
from tests.factories import make_latest, make_price
from tests.ingestor.observations import FRIDAY

pytestmark = pytest.mark.django_db

#: Saturday noon in Seoul: what was fixed on Friday is the newest there can be.
SATURDAY = datetime(2026, 10, 31, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _saturday():
    page.forget()
    with time_machine.travel(SATURDAY, tick=False):
        yield
    page.forget()


@pytest.fixture
def visit(client: Client):
    def visit(path, status=200):
        response = client.get(path)
        assert response.status_code == status
        return response.content.decode()

    return visit


def card(html, key):
    """The text of one source's card."""
    [found] = re.findall(rf'id="source-{key}">(.*?)(?:</li>|</article>)', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)).strip()


def only(*keys):
    Provider.objects.exclude(key__in=keys).update(is_enabled=False)


def test_every_source_of_rates_and_prices_is_there(visit):
    html = visit("/about")

    assert len(profiles()) == 5
    assert len(price_profiles()) == 2
    assert sorted(re.findall(r'id="source-(\w+)"', html)) == sorted([*profiles(), *price_profiles()])


def test_a_source_tells_what_it_publishes_when_and_how_old_it_is(visit):
    make_latest(rate_date=FRIDAY)
    # The tests' provider says what the data file does, but for its names.
    assert card(visit("/en/about"), "ecb") == (
        "1 European Central Bank Up to date · closed days since Reference rate, set once a day "
        # 16:00 in Frankfurt, winter time, is midnight in Seoul.
        "Newest day October 30, 2026 Next expected Nov 3, 2026 00:00 "
        "Set at 22:15 in Seoul Berlin 14:15 Published on Business days of the euro area (TARGET) "
        "Published since January 4, 1999 Held here 1 currency since January 4, 1999 "
        "Source: European Central Bank Terms of use"
    )


def test_in_summer_the_same_fixing_is_an_hour_earlier_in_seoul():
    make_latest(rate_date=date(2026, 7, 31))

    [ecb] = [one for one in about.rate_sources(SATURDAY) if one.profile.key == "ecb"]

    assert (f"{ecb.fixed_at:%H:%M}", ecb.is_next_day) == ("21:15", False)


def test_noon_in_new_york_is_the_next_day_in_seoul(visit):
    told = card(visit("/about"), "fred")

    # Winter time in New York begins on 1 November 2026.
    assert "정하는 시각 서울 다음 날 01:00 뉴욕 12:00" in told
    assert "고시일 미국 연방준비제도 영업일 한 주에 한 번 발표" in told


def test_states_have_words(visit, settings):
    settings.PROVIDERS = {"ecos": {"api_key": "x"}}
    make_latest(rate_date=date(2026, 10, 28))
    Provider.objects.filter(key="exchangerate_api").update(is_enabled=False)

    html = visit("/about")

    assert "늦음" in card(html, "ecb")
    assert "중지함" in card(html, "exchangerate_api")
    assert "아직 값 없음" in card(html, "ecos")
    assert "사용 안 함" in card(html, "eximbank")
    assert "API 키를 설정한 곳에서만 요청합니다." in card(html, "eximbank")


def test_sources_stand_in_the_order_in_which_they_are_believed_the_unused_last(settings):
    settings.PROVIDERS = {"ecos": {"api_key": "x"}}
    make_latest(source="exchangerate_api", rate_date=FRIDAY)
    Provider.objects.filter(key="exchangerate_api").update(priority=1)
    Provider.objects.filter(key="ecos").update(priority=2)

    found = about.rate_sources(SATURDAY)

    assert [(one.profile.key, one.is_believed) for one in found] == [
        ("exchangerate_api", True),
        ("ecos", True),
        ("ecb", True),
        ("eximbank", False),
        ("fred", False),
    ]


def test_words_of_attribution_lead_where_their_source_wants_them_to(visit):
    html = visit("/about")

    assert '<a href="https://www.exchangerate-api.com" rel="noopener">Rates By Exchange Rate API</a>' in html
    assert "The Economist, Big Mac index, CC BY 4.0</a>" in html
    assert "World Bank, World Development Indicators, CC BY 4.0</a>" in html
    assert "한국은행 경제통계시스템(ECOS), 서울외국환중개</a>" in html
    for profile in [*profiles().values(), *price_profiles().values()]:
        assert f'href="{profile.terms_url}"' in html


def test_prices_tell_their_day_and_how_many_countries_have_one(visit):
    for country, currency in [("KR", "KRW"), ("JP", "JPY")]:
        make_price(country, currency=currency, source="The Economist Big Mac index")

    told = card(visit("/about"), "bigmac")

    assert told.startswith("이코노미스트 빅맥 지수 최신 값의 날짜 2026년 1월 1일 받은 때 ")
    assert "보유한 자료 2개 나라 확인 주기 7일마다" in told
    assert "아직 값 없음" in card(visit("/about"), "worldbank")


def test_currencies_that_nobody_in_use_publishes_are_named():
    active = set(Currency.objects.filter(is_active=True).values_list("code", flat=True))
    assert {"USD", "JPY", "VND"} <= active
    make_latest(currency_code="USD")
    make_latest(currency_code="JPY", source="exchangerate_api")
    only("ecb")

    missing = about.without_rate()

    assert set(missing) == active - {"USD", "KRW"}


def test_what_was_wrong_is_told_newest_first_twenty_at_most(visit):
    for number in range(22):
        notices.publish(
            kind=Kind.OVERRIDE,
            subject=f"override:{number}",
            facts={"currency": "USD", "rate": str(1300 + number), "until": "2026-11-02T00:00:00+00:00"},
            now=datetime(2026, 10, 30, number, tzinfo=UTC),
        )

    html = visit("/about")

    told = re.findall(r"<p>1 USD = ([\d,.]+)원", html)
    assert (len(told), told[0], told[-1]) == (20, "1,321.00", "1,302.00")
    assert "진행 중" in html


def test_a_record_without_entries_says_so(visit):
    assert "아직 정정이나 장애가 없습니다." in visit("/about")


def test_the_page_takes_four_queries_once_and_then_none(visit, django_assert_num_queries):
    make_latest()
    make_price()

    with django_assert_num_queries(4):
        visit("/about")
    with django_assert_num_queries(0):
        visit("/about")


def test_feeds_are_announced_in_the_language_of_the_page(visit):
    for prefix in ("", "/en"):
        for path in ("/about", "/about/methods/rates"):
            html = visit(prefix + path)

            assert 'type="application/atom+xml" title="' in html
            assert f'href="{prefix}/about/notices.atom"' in html
            assert f'href="{prefix}/about/notices.json"' in html


# --- methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("slug", methods.ORDER)
def test_each_method_has_a_page_in_each_language(visit, django_assert_num_queries, slug, language):
    with django_assert_num_queries(0):
        html = visit(f"{'' if language == 'ko' else '/en'}/about/methods/{slug}")

    found = methods.method(slug, language)
    assert f"<h1>{found.title}</h1>" in html
    assert bool(re.search("[가-힣]", found.title)) is (language == "ko")
    assert len(found.summary) > 80
    assert html.count('<li class="card"><a href=') == 3  # the other methods


def test_every_document_is_a_method_and_every_method_is_linked(visit):
    kept = sorted(path.name for path in methods.folder().glob("*"))

    assert kept == sorted(f"{slug}.{language}.md" for slug in methods.ORDER for language in ("ko", "en"))
    html = visit("/about")
    assert [slug for slug in methods.ORDER if f'href="/about/methods/{slug}"' in html] == list(methods.ORDER)


@pytest.mark.parametrize("slug", methods.ORDER)
def test_both_languages_of_a_method_tell_the_same(slug):
    """As many headings, cells, lines of code and list items; the same figures in its tables."""

    def shape(language):
        html = methods.method(slug, language).html
        figures = re.findall(r"<td class=right>(.*?)</td>", html)
        return [html.count(f"<{tag}") for tag in ("h2", "td", "pre", "li", "table")], figures

    assert shape("ko") == shape("en")


def test_a_method_that_is_not_there_is_a_page_that_says_so(visit):
    for slug in ("astrology", "README", "rates-en"):
        assert "이 주소에는 페이지가 없습니다." in visit(f"/about/methods/{slug}", 404)


def test_a_document_becomes_html_that_the_policy_of_the_pages_allows():
    document = """# Title

Of `code` and <script>alert(1)</script>
in two lines.

## A table, here

| a | b |
|---|--:|
| 1 | 2 |

    x < 1

See [rates](rates.en.md#how-old-it-is) and [elsewhere](https://example.org/?a=1&b=2).
"""
    with translation.override("en"):
        found = methods.read("rates", document)

    assert (found.title, found.summary) == (
        "Title",
        "Of code and <script>alert(1)</script> in two lines.",
    )
    assert found.html == (
        "<p>Of <code>code</code> and &lt;script&gt;alert(1)&lt;/script&gt;\nin two lines.</p>\n"
        '<h2 id="a-table-here">A table, here</h2>\n'
        '<div class="scroll" tabindex="0" role="region" aria-label="A table, here"><table>\n'
        '<thead>\n<tr>\n<th scope="col">a</th>\n<th scope="col" class=right>b</th>\n</tr>\n</thead>\n'
        "<tbody>\n<tr>\n<td>1</td>\n<td class=right>2</td>\n</tr>\n</tbody>\n</table></div>\n"
        '<pre class="scroll" tabindex="0"><code>x &lt; 1\n</code></pre>\n'
        '<p>See <a href="/en/about/methods/rates#how-old-it-is">rates</a> and '
        '<a href="https://example.org/?a=1&amp;b=2">elsewhere</a>.</p>\n'
    )


def test_a_document_without_a_title_is_refused():
    with pytest.raises(ValueError, match="begins with its title"):
        methods.read("rates", "no title")
