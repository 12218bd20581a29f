"""Laboratories' reports read out of their text, as PDFs have it."""

import pytest

from supplier_portal.lots.recording.laboratory import Finding, read

CHINESE = """检 测 报 告
报告编号：SD-2026-11873 共2页 第1页
检测机构：山东省食品药品检验研究院
样品名称：番茄 采样日期：2026年11月24日
判定依据：GB 2763-2021《食品安全国家标准》
序号 检测项目 单位 标准限量 检测结果 检出限 检测方法 单项判定
1 毒死蜱 mg/kg 0.02 未检出 0.01 GB 23200.113-2018 合格
2 啶虫脒 mg/kg 1 0.034 0.005 GB 23200.121-2021 合格
3 2,4-滴 mg/kg ≤0.5 <0.01 0.01 GB/T 5009.175-2003 合格
以下空白
"""
ENGLISH = """TEST REPORT
Report No: QD-77/26   Page 1 of 1
Laboratory: SGS-CSTC Qingdao
Sampling date: 2026-11-25
Limits according to GB 2763-2021
Analyte Result (mg/kg) MRL (mg/kg)
Chlorpyrifos 0.013 0.02
Lambda-cyhalothrin ND 0.3
Acetamiprid (啶虫脒) 0.034 1
Remarks: the results are of the sample as received on 25 November 2026.
"""


def test_a_chinese_report_is_read_column_by_column():
    report = read(CHINESE)
    assert (report.number, report.laboratory) == ("SD-2026-11873", "山东省食品药品检验研究院")
    assert (report.standard, report.sampled_on) == ("GB 2763-2021", "2026-11-24")
    assert report.findings == [
        Finding("毒死蜱", "", "", "0.02"),
        Finding("啶虫脒", "", "0.034", "1"),
        Finding("2,4-滴", "", "", "0.5"),
    ]


def test_an_english_report_has_its_columns_the_other_way_round():
    report = read(ENGLISH)
    assert (report.number, report.laboratory) == ("QD-77/26", "SGS-CSTC Qingdao")
    assert (report.standard, report.sampled_on) == ("GB 2763-2021", "2026-11-25")
    assert report.findings == [
        Finding("", "Chlorpyrifos", "0.013", "0.02"),
        Finding("", "Lambda-cyhalothrin", "", "0.3"),
        Finding("啶虫脒", "Acetamiprid", "0.034", "1"),
    ]


def test_it_becomes_the_fields_of_the_form():
    values = read(ENGLISH).values
    assert values["report"] == "QD-77/26" and values["residues.0.found"] == "0.013"
    assert values["residues.1.name_en"] == "Lambda-cyhalothrin" and "residues.1.found" not in values


@pytest.mark.parametrize(
    "text", ["", "A letter about 3 tomatoes at 4.50 each.", "Result Limit", "限量 结果\n合格 合格", "\x00￾" * 50]
)
def test_what_is_no_report_is_read_as_nothing(text):
    assert read(text).findings == []


def test_a_table_without_a_heading_is_not_guessed_at():
    assert read("Chlorpyrifos 0.013 0.02\nAcetamiprid 0.034 1").findings == []


def test_a_limit_that_is_no_figure_makes_no_row():
    assert read("Item Limit Result\nSalmonella not detected not detected").findings == []


def test_no_more_rows_are_read_than_a_form_can_have():
    assert len(read("Analyte Result Limit\n" + "Substance 0.1 0.2\n" * 500).findings) == 40
