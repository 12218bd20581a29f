"""GS1's Core Business Vocabulary 2.0: the words an EPCIS event may use, and their web URIs.

Source: CBV 2.0 (ISO/IEC 19988:2024), GS1 web vocabulary for measurement types.
"""

from functools import lru_cache

BIZ_STEPS = frozenset(
    """accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
    retail_selling shipping staging_outbound stock_taking stocking storing transporting unloading unpacking
    void_shipping sensor_reporting sampling""".split()
)
DISPOSITIONS = frozenset(
    """active available completeness_inferred completeness_verified conformant container_closed container_open damaged
    destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
    mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed
    recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable
    unknown""".split()
)
TRANSACTION_TYPES = frozenset("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt".split())
PARTY_TYPES = frozenset("owning_party possessing_party location".split())
ERROR_REASONS = frozenset("did_not_occur incorrect_data".split())
ALERTS = frozenset("ALARM_CONDITION ERROR_CONDITION".split())
COMPONENTS = frozenset(
    """x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude
    longitude altitude""".split()
)
MEASUREMENTS = frozenset(
    """AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Radioactivity Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    EffectiveDose EffectiveDoseRate ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy
    Exposure Force Frequency Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance
    LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
    MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure
    RadiantFlux RadiantIntensity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed
    SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux
    Wavenumber""".split()
)

PREFIXES = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}
"""Prefixes that EPCIS's own JSON-LD context declares."""

TERMS = frozenset(
    """AggregationEvent AssociationEvent Collection EPCISDocument EPCISQueryDocument ObjectEvent TransactionEvent
    TransformationEvent action baseURL bizLocation bizStep bizTransactionList cbv cbvmda certificationInfo childEPCs
    childQuantityList children creationDate dcterms destinationList disposition epcClass epcList epcis epcisBody
    epcisHeader errorDeclaration eventID eventList eventTime eventTimeZoneOffset gs1 id ilmd inputEPCList
    inputQuantityList instanceIdentifier masterData member outputEPCList outputQuantityList owl parentID
    persistentDisposition quantity quantityList queryName queryResults rdfs readPoint receiver recordTime resultsBody
    schemaVersion sender sensorElementList sourceList subscriptionID transformationID type uom vocabularyList
    xsd""".split()
)
"""What EPCIS's own JSON-LD context defines and protects: no other context may give these another meaning."""

CONTEXTS = frozenset(
    {
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld",
        "https://gs1.github.io/EPCIS/epcis-context.jsonld",
    }
)
"""Contexts whose meaning we know; a context is never fetched."""

URN = "urn:epcglobal:cbv:"
WEB = "https://ref.gs1.org/cbv/"
_URNS = {"BizStep": "bizstep", "Disp": "disp", "BTT": "btt", "SDT": "sdt", "ER": "er", "Comp": "comp"}
_KINDS = {word: kind for kind, word in _URNS.items()}
_OLDER = ("cbv:", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/", "http://ref.gs1.org/cbv/")
_MEASURED = ("gs1:", PREFIXES["gs1"], "https://ref.gs1.org/voc/", "http://gs1.org/voc/", "http://ref.gs1.org/voc/")


@lru_cache(4096)
def term(kind: str, value: str) -> str:
    """The web URI of a CBV word, whether written bare, as CURIE, as URN or as web URI; others as they are.

    ``kind`` is BizStep, Disp, BTT, SDT, ER or Comp.
    """
    for prefix in (*(f"{root}{kind}-" for root in _OLDER), f"{URN}{_URNS[kind]}:"):
        value = value.removeprefix(prefix)
    return value if ":" in value else f"{WEB}{kind}-{value}"


def word(kind: str, value: str) -> str:
    """The bare word of a CBV term in whatever form; what is not CBV's stays as it is."""
    return term(kind, value).removeprefix(f"{WEB}{kind}-")


def urn(kind: str, word: str) -> str:
    """The URN of a bare word."""
    return f"{URN}{_URNS[kind]}:{word}"


def web_uri(urn: str) -> str:
    """The web URI of a CBV term's URN, of whatever kind; other names of CBV's stay as they are."""
    kind, _, rest = urn.removeprefix(URN).partition(":")
    return f"{WEB}{_KINDS[kind]}-{rest}" if kind in _KINDS else urn


def measured(value: str) -> str:
    """The bare word of GS1's web vocabulary for what a sensor measures or warns of; what is not of it stays."""
    for root in _MEASURED:
        value = value.removeprefix(root)
    return value
