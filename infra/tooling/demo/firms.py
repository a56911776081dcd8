"""Who the demo's firms are."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PASSWORD = "lantern harbour quiet 42"  # noqa: S105  printed by infra/up; demo only


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A client and the person who acts for it."""

    code: str
    name: str
    kind: str
    contact: str
    email: str
    matter: str
    address: str


@dataclass(frozen=True, slots=True)
class DemoFirm:
    """One firm: identity, look, people, clients."""

    slug: str
    name: str
    country: str
    language: str
    currency: str
    vat: Decimal | None
    colour: str
    typeface: str
    corner: str
    mark: str
    custom_host: str
    welcome: str
    identity: dict[str, str]
    staff: dict[str, str]
    clients: tuple[DemoClient, ...]
    work: tuple[str, ...]
    rate: Decimal
    sharing: str = "automatic"


SMITH = DemoFirm(
    slug="smith",
    name="Smith & Lowell LLP",
    country="US",
    language="en",
    currency="USD",
    vat=None,
    colour="#1d3557",
    typeface="source-serif",
    corner="square",
    mark="S&L",
    custom_host="portal.smith-law.localhost",
    welcome="Welcome. Your documents and bills, in one quiet place.",
    identity={
        "company_name": "Smith & Lowell LLP",
        "company_number": "EIN 24-6437381",
        "bar_registration": "Members of the New York State Bar",
        "address": "120 Court Street\nAlbany, NY 12207",
        "email": "office@smith-law.example",
        "phone": "+1 518 555 0142",
        "bank_name": "First Albany Bank",
    },
    staff={
        "owner": "Eleanor Smith",
        "partner": "James Lowell",
        "attorney": "Grace Okafor",
        "billing": "Martin Reyes",
        "assistant": "Hannah Cole",
    },
    clients=(
        DemoClient(
            "1001",
            "Hartwell Orchards Inc.",
            "organisation",
            "Ada Hartwell",
            "ada@hartwell.example",
            "Lease of the northern warehouse",
            "14 Mill Road\nHudson, NY 12534",
        ),
        DemoClient(
            "1002",
            "Thomas Bergmann",
            "person",
            "Thomas Bergmann",
            "thomas@bergmann.example",
            "Estate of Ruth Bergmann",
            "8 Elm Street\nTroy, NY 12180",
        ),
        DemoClient(
            "1003",
            "Cedar & Stone Architects",
            "organisation",
            "Priya Raman",
            "priya@cedarstone.example",
            "Contract dispute, library extension",
            "55 State Street\nAlbany, NY 12207",
        ),
        DemoClient(
            "1004",
            "Lakeside Community Clinic",
            "organisation",
            "Dr. Samuel Ortiz",
            "samuel@lakesideclinic.example",
            "Employment handbook",
            "2 Harbor Way\nSaratoga Springs, NY 12866",
        ),
    ),
    work=(
        "Review of correspondence and advice by e-mail",
        "Drafting of the reply to the opposing party",
        "Telephone conference",
        "Preparation for the hearing",
        "Research on the applicable case law",
        "Negotiation of the settlement terms",
    ),
    rate=Decimal("350.00"),
)
DUPONT = DemoFirm(
    slug="dupont",
    name="Dupont Avocats",
    country="BE",
    language="fr",
    currency="EUR",
    vat=Decimal(21),
    colour="#7a1f3d",
    typeface="source-serif",
    corner="soft",
    mark="D",
    custom_host="",
    welcome="Bienvenue. Vos documents et vos factures, en un seul endroit.",
    identity={
        "company_name": "Dupont Avocats SRL",
        "company_number": "0403.170.701",
        "vat_number": "BE0403170701",
        "register": "RPM Bruxelles",
        "bar_registration": "Barreau de Bruxelles",
        "address": "Avenue Louise 240\n1050 Bruxelles",
        "email": "secretariat@dupont.example",
        "phone": "+32 2 555 01 77",
        "bank_name": "Banque de la Place",
        "iban": "BE68539007547034",
        "bic": "GKCCBEBB",
    },
    staff={
        "owner": "Marie Dupont",
        "partner": "Luc Lambert",
        "attorney": "Aïcha Benali",
        "billing": "Sophie Claes",
        "assistant": "Noé Renard",
    },
    clients=(
        DemoClient(
            "2001",
            "Brasserie du Parc SA",
            "organisation",
            "Camille Laurent",
            "camille@brasserieduparc.example",
            "Bail commercial, rue Haute",
            "Rue Haute 12\n1000 Bruxelles",
        ),
        DemoClient(
            "2002",
            "Jean-Baptiste Vandenberghe-Villeneuve",
            "person",
            "Jean-Baptiste Vandenberghe-Villeneuve",
            "jb@vandenberghe.example",
            "Succession Villeneuve",
            "Chaussée de Waterloo 88\n1180 Uccle",
        ),
        DemoClient(
            "2003",
            "Atelier Moreau SRL",
            "organisation",
            "Inès Moreau",
            "ines@ateliermoreau.example",
            "Litige de voisinage",
            "Quai au Bois 3\n1000 Bruxelles",
        ),
        DemoClient(
            "2004",
            "Crèche Les Petits Pas ASBL",
            "organisation",
            "Olivier Maes",
            "olivier@petitspas.example",
            "Statuts et gouvernance",
            "Rue de la Paix 41\n1050 Ixelles",
        ),
    ),
    work=(
        "Étude du dossier et conseil par courriel",
        "Rédaction des conclusions",
        "Entretien téléphonique",
        "Préparation de l’audience",
        "Recherche de jurisprudence",
        "Négociation d’un accord",
    ),
    rate=Decimal("185.00"),
)
DEVRIES = DemoFirm(
    slug="devries",
    name="De Vries Advocaten",
    country="NL",
    language="nl",
    currency="EUR",
    vat=Decimal(21),
    colour="#0f766e",
    typeface="inter",
    corner="round",
    mark="dV",
    custom_host="",
    welcome="Welkom. Uw stukken en rekeningen op één plek.",
    identity={
        "company_name": "De Vries Advocaten B.V.",
        "company_number": "KvK 34179503",
        "vat_number": "NL004495445B01",
        "bar_registration": "Nederlandse orde van advocaten",
        "address": "Herengracht 182\n1016 BR Amsterdam",
        "email": "kantoor@devries.example",
        "phone": "+31 20 555 0119",
        "bank_name": "Amstelbank",
        "iban": "NL91ABNA0417164300",
        "bic": "ABNANL2A",
    },
    staff={
        "owner": "Pieter de Vries",
        "partner": "Saskia Jansen",
        "attorney": "Mehmet Yıldız",
        "billing": "Lotte Bakker",
        "assistant": "Daan Visser",
    },
    clients=(
        DemoClient(
            "3001",
            "Bloemenhandel Van Dam B.V.",
            "organisation",
            "Femke van Dam",
            "femke@vandam.example",
            "Huurgeschil veilinghal",
            "Legmeerdijk 313\n1431 GB Aalsmeer",
        ),
        DemoClient(
            "3002",
            "Willem Kuiper",
            "person",
            "Willem Kuiper",
            "willem@kuiper.example",
            "Ontslagzaak",
            "Prinsengracht 77\n1015 DM Amsterdam",
        ),
        DemoClient(
            "3003",
            "Stichting Het Lichthuis",
            "organisation",
            "Anouk Smit",
            "anouk@lichthuis.example",
            "Statutenwijziging",
            "Kade 5\n3011 AA Rotterdam",
        ),
        DemoClient(
            "3004",
            "Noord Logistiek B.V.",
            "organisation",
            "Bram de Boer",
            "bram@noordlogistiek.example",
            "Vervoerscontract",
            "Havenweg 20\n9723 AA Groningen",
        ),
    ),
    work=(
        "Bestudering van het dossier en advies per e-mail",
        "Opstellen van de conclusie van antwoord",
        "Telefonisch overleg",
        "Voorbereiding van de zitting",
        "Jurisprudentieonderzoek",
        "Onderhandeling over een schikking",
    ),
    rate=Decimal("225.00"),
    sharing="manual",
)
FIRMS = (SMITH, DUPONT, DEVRIES)
