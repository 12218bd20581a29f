"""E7: master data in the header of documents, as it is read: each element with its attributes, and what is wrong."""

import pytest

from hub.gs1 import epcis, vocabularies
from hub.gs1.xml import reading
from tests.hub.gs1.test_xml import in_xml, object_event

PLACE, LINK = "urn:epc:id:sgln:0614141.07346.0", "https://id.gs1.org/414/0614141073467"
LOCATION = "urn:epcglobal:epcis:vtype:Location"
CITY = "urn:epcglobal:cbv:mda#city"


def header(*elements, **more):
    listing = [{"type": LOCATION, "vocabularyElementList": list(elements)}]
    context = [epcis.CONTEXT[0], {"ex": "https://example.org/"}]
    return {"@context": context, "epcisHeader": {"epcisMasterData": {"vocabularyList": listing}, **more}}


def element(*attributes, of=PLACE, **more):
    return {"id": of, "attributes": [{"id": name, "attribute": value} for name, value in attributes], **more}


def only(document):
    told = vocabularies.read(document)
    assert not told.faults
    [found] = told.elements
    return found


def faults(document):
    told = vocabularies.read(document)
    return [(fault.path.removeprefix("epcisHeader.epcisMasterData."), fault.message) for fault in told.faults]


def test_identifiers_are_canonical_and_attributes_have_their_full_names():
    told = element((CITY, "Yichang"), ("cbvmda:name", "One"), ("ex:colour", 3.0), ("ex:colour", "red"), children=[LINK])
    found = only(header(told))
    assert (found.vocabulary, found.id, found.children) == (LOCATION, LINK, [LINK])
    assert found.attributes == {
        CITY: "Yichang",
        "urn:epcglobal:cbv:mda#name": "One",
        "https://example.org/colour": [3.0, "red"],
    }


@pytest.mark.parametrize("name", ["city", "cbvmda:city", "urn:epcglobal:cbv:mda:city", CITY])
def test_an_attribute_of_cbv_is_one_in_every_form(name):
    assert vocabularies.attribute_name(name) == CITY


def test_the_same_said_in_another_form_is_the_same():
    one, other = (only(header(element((name, "x"), of=of))) for name, of in [(CITY, PLACE), ("cbvmda:city", LINK)])
    assert one == other and one.digest == other.digest
    assert only(header(element((CITY, "y")))).digest != one.digest


def test_an_attribute_without_a_value_says_nothing():
    assert only(header({"id": PLACE, "attributes": [{"id": CITY}]})).attributes == {}


@pytest.mark.parametrize(
    ("told", "path", "message"),
    [
        (3, "vocabularyList[0].vocabularyElementList[0]", "is not an object"),
        ({"attributes": []}, "vocabularyList[0].vocabularyElementList[0].id", "is needed"),
        (element(of="a place"), "vocabularyList[0].vocabularyElementList[0].id", "is not a URI"),
        (element(of="urn:" + "x" * 997), "vocabularyList[0].vocabularyElementList[0].id", "longer than 1000"),
        (element(("city", "x")), "vocabularyList[0].vocabularyElementList[0].attributes[0].id", "is not a URI"),
        (element((CITY, [])), "vocabularyList[0].vocabularyElementList[0].attributes[0].attribute", "is a list"),
        (element((CITY, "a\x00")), "vocabularyList[0].vocabularyElementList[0]", "U+0000"),
        (element((CITY, "x" * 300_000)), "vocabularyList[0].vocabularyElementList[0]", "more than 262144 bytes"),
        (element(*[(CITY, "x")] * 201), "vocabularyList[0].vocabularyElementList[0].attributes", "at most 200"),
        (element(children=LINK), "vocabularyList[0].vocabularyElementList[0].children", "is not a list"),
        (element(children=[3]), "vocabularyList[0].vocabularyElementList[0].children[0]", "is not a URI"),
        (element(colour=1), "vocabularyList[0].vocabularyElementList[0].colour", "neither EPCIS's"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(told, path, message):
    [(where, what)] = faults(header(told))
    assert where == path and message in what


def test_a_text_that_only_looks_like_a_nul_is_kept():
    assert only(header(element((CITY, "\\u0000")))).attributes == {CITY: "\\u0000"}


def test_one_element_told_twice_is_refused_where_it_is_told_differently():
    assert not faults(header(element((CITY, "x")), element((CITY, "x"), of=LINK)))
    [(where, what)] = faults(header(element((CITY, "x")), element((CITY, "y"))))
    assert where == "vocabularyList[0].vocabularyElementList[1]" and "twice" in what


@pytest.mark.parametrize("told", [3, {"epcisMasterData": []}, {"epcisMasterData": {"vocabularyList": {}}}])
def test_a_header_of_another_shape_is_a_fault(told):
    assert vocabularies.read({"epcisHeader": told}).faults


def test_what_stands_in_a_header_beside_master_data_is_passed_over_by_name():
    told = vocabularies.read(header(element(**{"ex:note": 1}), **{"ex:more": {}}))
    assert len(told.elements) == 1 and not told.faults
    listing = "epcisHeader.epcisMasterData.vocabularyList[0].vocabularyElementList[0]"
    assert told.passed_over == ["epcisHeader.ex:more", f"{listing}.ex:note"]


def test_more_elements_than_a_document_may_hold_are_refused(monkeypatch):
    monkeypatch.setattr(vocabularies, "MOST_ELEMENTS", 1)
    [(where, what)] = faults(header(element(), element(of="urn:x:2")))
    assert where.endswith("vocabularyElementList") and "at most" in what


def test_what_is_kept_is_shown_as_it_stands_in_a_document():
    told = element((CITY, "Yichang"), ("https://example.org/a", 1.0), ("https://example.org/a", 2.0), of=LINK)
    assert vocabularies.listed([only(header(told))]) == [{"type": LOCATION, "vocabularyElementList": [told]}]


# In XML


def xml(inner):
    told = (
        f"<EPCISHeader><extension><EPCISMasterData><VocabularyList>{inner}</VocabularyList></EPCISMasterData>"
        "</extension></EPCISHeader><EPCISBody>"
    )
    return reading.read(in_xml(object_event()).replace(b"<EPCISBody>", told.encode()))


def xml_element(inner):
    return xml(
        f'<Vocabulary type="{LOCATION}"><VocabularyElementList><VocabularyElement id="{PLACE}">{inner}'
        "</VocabularyElement></VocabularyElementList></Vocabulary>"
    )


def test_master_data_in_xml_is_read_as_that_in_json():
    found = only(
        xml_element(
            f'<attribute id="{CITY}"> Yichang </attribute><attribute id="urn:x:none"/>'
            '<attribute id="urn:x:street"><e:name xmlns:e="https://example.org/">Sixth</e:name></attribute>'
            f"<children><id>{LINK}/254/1</id><id>urn:x:2</id></children>"
        )
    )
    assert (found.vocabulary, found.id, found.children) == (LOCATION, LINK, [f"{LINK}/254/1", "urn:x:2"])
    assert found.attributes == {CITY: "Yichang", "urn:x:none": "", "urn:x:street": {"e:name": "Sixth"}}


def test_what_is_wrong_with_master_data_in_xml_is_said_with_its_line():
    [fault] = vocabularies.read(xml_element("<attribute>Yichang</attribute>")).faults
    assert fault.path.endswith("attributes[0].id") and "is needed (in the element on line" in fault.message
    [fault] = vocabularies.read(xml_element("<children><place/></children>")).faults
    assert "id is expected here (line" in fault.message
    [fault] = vocabularies.read(xml("<Words/>")).faults
    assert "Vocabulary is expected here" in fault.message


def test_what_somebody_added_to_an_element_in_xml_is_passed_over():
    told = vocabularies.read(xml_element('<e:note xmlns:e="https://example.org/">x</e:note>'))
    assert len(told.elements) == 1 and [path.rpartition(".")[2] for path in told.passed_over] == ["e:note"]
