"""Dates, figures and sentences as each language writes them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.web.i18n import choose, language

ZH, EN = language("zh"), language("en")
MOMENT = datetime(2026, 11, 23, 22, 40, tzinfo=UTC)  # 06:40 of the next day in Shanghai


@pytest.mark.parametrize(
    ("zh", "en", "of"),
    [
        ("11月24日 周二", "Tue 24 Nov", lambda s: s.day(date(2026, 11, 24))),
        ("2026年11月24日 周二", "Tue 24 Nov 2026", lambda s: s.day(date(2026, 11, 24), year=True)),
        ("2026年11月24日", "24 Nov 2026", lambda s: s.long_date(date(2026, 11, 24))),
        ("11月24日 06:40", "24 Nov, 06:40", lambda s: s.moment(MOMENT, "Asia/Shanghai")),
        ("11月23日 22:40", "23 Nov, 22:40", lambda s: s.moment(MOMENT, UTC)),
        ("06:40", "06:40", lambda s: s.clock(MOMENT, "Asia/Shanghai")),
        ("11月24日 周二 06:40–08:10", "Tue 24 Nov, 06:40–08:10",
         lambda s: s.window(MOMENT, MOMENT + timedelta(minutes=90), "Asia/Shanghai")),
        ("还剩3小时20分", "3 h 20 min left", lambda s: s.due(MOMENT + timedelta(hours=3, minutes=20), MOMENT)),
        ("过时1小时40分", "1 h 40 min late", lambda s: s.due(MOMENT - timedelta(minutes=100), MOMENT)),
        ("还剩19天", "19 days left", lambda s: s.due(MOMENT + timedelta(days=19, hours=5), MOMENT)),
        ("刚刚", "just now", lambda s: s.ago(MOMENT, MOMENT + timedelta(seconds=20))),
        ("22分钟前", "22 min ago", lambda s: s.ago(MOMENT, MOMENT + timedelta(minutes=22))),
        ("1,240 kg", "1,240 kg", lambda s: s.quantity(Decimal("1240.000000"), "KGM")),
        ("12件", "12 pieces", lambda s: s.quantity(12, "H87")),
        ("0.5 t", "0.5 t", lambda s: s.quantity(Decimal("0.5"), "TNE")),
        ("3 XYZ", "3 XYZ", lambda s: s.quantity(3, "XYZ")),
        ("¥ 24,480.00", "¥ 24,480.00", lambda s: s.money(Decimal("24480"), "CNY")),
        ("€ 7.20", "€ 7.20", lambda s: s.money(Decimal("7.2"), "EUR")),
        ("−18%", "−18%", lambda s: s.percent(Decimal("-0.18"))),
        ("+20%", "+20%", lambda s: s.percent(0.2, signed=True)),
        ("−520", "−520", lambda s: s.signed(-520)),
        ("10.9 ℃", "10.9 ℃", lambda s: s.temperature(10.9)),
        ("第48周", "Week 48", lambda s: s.week(date(2026, 11, 23))),
    ],
)  # fmt: skip
def test_each_language_writes_its_own_way(zh, en, of):
    assert (of(ZH), of(EN)) == (zh, en)


@pytest.mark.parametrize(
    ("cookie", "setting", "accept", "chosen"),
    [
        (None, "", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "", "zh-Hant-TW", "zh"),
        (None, "", "de-DE,de;q=0.9,en;q=0.5,zh;q=0.4", "en"),
        (None, "", "en;q=0.2,zh;q=0.7", "zh"),
        (None, "", "de", "en"),
        (None, "", None, "en"),
        (None, "", "zh;q=much,;;,q=", "en"),
        (None, "zh", "en", "zh"),
        ("en", "zh", "zh", "en"),
        ("xx", "", "zh", "zh"),
    ],
)
def test_the_language_is_the_cookies_the_persons_or_the_browsers(cookie, setting, accept, chosen):
    assert choose(cookie, setting, accept).code == chosen


@given(st.text(max_size=600))
def test_any_header_leads_to_a_language(accept):
    assert choose(None, "", accept).code in ("zh", "en")


def test_what_a_person_typed_into_a_refusal_is_no_template():
    from hub.errors import HubError, filled

    assert HubError("%(x)s 100% %s is not a GTIN", value="y").detail == "%(x)s 100% %s is not a GTIN"
    assert filled("%(left)s of %(right)s", {"left": 3}) == "3 of %(right)s"
    assert ZH.sentence("", {}) == ""


def test_sentences_follow_each_other_in_each_languages_way():
    assert language("en").paragraph("One.", "", "Two.") == "One. Two."
    assert language("zh").paragraph("一。", "", "二。") == "一。二。"


def test_of_none_nothing_is_said():
    words = ("%(num)s item", "%(num)s items")
    assert [language("en").counted(words, count) for count in (0, 1, 1200)] == ["", "1 item", "1,200 items"]
