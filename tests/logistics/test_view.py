"""What the pages of several rooms say: how warm, and who said so."""

from logistics.view import excursion_sentence, spoken_by
from tests.logistics.plain import EN, ZH, excursion


def test_too_warm_and_too_cold_say_what_was_allowed():
    assert excursion_sentence(excursion(9.4), EN) == "Too warm on the way: 9.4 ℃, allowed up to 8.0 ℃."
    assert excursion_sentence(excursion(-3, above=False), EN) == "Too cold on the way: −3.0 ℃, allowed down to 0.0 ℃."
    assert excursion_sentence(excursion(9.4), ZH) != excursion_sentence(excursion(9.4), EN)


def test_only_what_the_driver_did_not_say_himself_names_who_said_it():
    assert spoken_by("dispatcher", EN) == "The dispatcher said so for the driver."
    assert spoken_by("device", EN) == "A device said so."
    assert spoken_by("driver", EN) == ""
