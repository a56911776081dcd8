"""UTBMS: the codes that say what legal work was done and what money was spent on.

The meanings are those of the code sets of the American Bar Association's Section of
Litigation (litigation tasks, activities, expenses), its bankruptcy, project and
counselling sets, and by rule the later sets of the LEDES Oversight Committee: eDiscovery
2011 (L600 to L699), intellectual property 2007 (PA, TR) and revised expenses 2013 (X).

Wrong meanings circulate in public software (L110 as "Case assessment", A109 as "Travel",
E109 as "Court fees"); the tests pin the right ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CodeKind(StrEnum):
    """Which of the three columns of a bill a code may stand in."""

    TASK = "task"
    ACTIVITY = "activity"
    EXPENSE = "expense"


_LITIGATION = {
    "L100": "Case Assessment, Development and Administration",
    "L110": "Fact Investigation/Development",
    "L120": "Analysis/Strategy",
    "L130": "Experts/Consultants",
    "L140": "Document/File Management",
    "L150": "Budgeting",
    "L160": "Settlement/Non-Binding ADR",
    "L190": "Other Case Assessment, Development and Administration",
    "L200": "Pre-Trial Pleadings and Motions",
    "L210": "Pleadings",
    "L220": "Preliminary Injunctions/Provisional Remedies",
    "L230": "Court Mandated Conferences",
    "L240": "Dispositive Motions",
    "L250": "Other Written Motions and Submissions",
    "L260": "Class Action Certification and Notice",
    "L300": "Discovery",
    "L310": "Written Discovery",
    "L320": "Document Production",
    "L330": "Depositions",
    "L340": "Expert Discovery",
    "L350": "Discovery Motions",
    "L390": "Other Discovery",
    "L400": "Trial Preparation and Trial",
    "L410": "Fact Witnesses",
    "L420": "Expert Witnesses",
    "L430": "Written Motions and Submissions",
    "L440": "Other Trial Preparation and Support",
    "L450": "Trial and Hearing Attendance",
    "L460": "Post-Trial Motions and Submissions",
    "L470": "Enforcement",
    "L500": "Appeal",
    "L510": "Appellate Motions and Submissions",
    "L520": "Appellate Briefs",
    "L530": "Oral Argument",
}
_BANKRUPTCY = {
    "B100": "Administration",
    "B110": "Case Administration",
    "B120": "Asset Analysis and Recovery",
    "B130": "Asset Disposition",
    "B140": "Relief from Stay/Adequate Protection Proceedings",
    "B150": "Meetings of and Communications with Creditors",
    "B160": "Fee/Employment Applications",
    "B170": "Fee/Employment Objections",
    "B180": "Avoidance Action Analysis",
    "B185": "Assumption/Rejection of Leases and Contracts",
    "B190": "Other Contested Matters (excluding assumption/rejection motions)",
    "B195": "Non-Working Travel",
    "B200": "Operations",
    "B210": "Business Operations",
    "B220": "Employee Benefits/Pensions",
    "B230": "Financing/Cash Collateral",
    "B240": "Tax Issues",
    "B250": "Real Estate",
    "B260": "Board of Directors Matters",
    "B300": "Claims and Plan",
    "B310": "Claims Administration and Objections",
    "B320": "Plan and Disclosure Statement (including Business Plan)",
    "B400": "Bankruptcy-Related Advice",
    "B410": "General Bankruptcy Advice/Opinions",
    "B420": "Restructurings",
}
_PROJECT = {
    "P100": "Project Administration",
    "P200": "Fact Gathering/Due Diligence",
    "P210": "Corporate Review",
    "P220": "Tax",
    "P230": "Environmental",
    "P240": "Real and Personal Property",
    "P250": "Employee/Labor",
    "P260": "Intellectual Property",
    "P270": "Regulatory Reviews",
    "P280": "Other",
    "P300": "Structure/Strategy/Analysis",
    "P400": "Initial Document Preparation/Filing",
    "P500": "Negotiation/Revision/Responses",
    "P600": "Completion/Closing",
    "P700": "Post-Completion/Post-Closing",
    "P800": "Maintenance and Renewal",
}
_COUNSELLING = {
    "C100": "Fact Gathering",
    "C200": "Researching Law",
    "C300": "Analysis and Advice",
    "C400": "Third Party Communication",
}

#: Task codes with their phase headings (L100, B200 …), which some bills use as tasks.
TASKS: Mapping[str, str] = MappingProxyType(
    {**_LITIGATION, **_BANKRUPTCY, **_PROJECT, **_COUNSELLING}
)

ACTIVITIES: Mapping[str, str] = MappingProxyType(
    {
        "A101": "Plan and prepare for",
        "A102": "Research",
        "A103": "Draft/revise",
        "A104": "Review/analyze",
        "A105": "Communicate (in firm)",
        "A106": "Communicate (with client)",
        "A107": "Communicate (other outside counsel)",
        "A108": "Communicate (other external)",
        "A109": "Appear for/attend",
        "A110": "Manage data/files",
        "A111": "Other",
    }
)

EXPENSES: Mapping[str, str] = MappingProxyType(
    {
        "E101": "Copying",
        "E102": "Outside printing",
        "E103": "Word processing",
        "E104": "Facsimile",
        "E105": "Telephone",
        "E106": "Online research",
        "E107": "Delivery services/messengers",
        "E108": "Postage",
        "E109": "Local travel",
        "E110": "Out-of-town travel",
        "E111": "Meals",
        "E112": "Court fees",
        "E113": "Subpoena fees",
        "E114": "Witness fees",
        "E115": "Deposition transcripts",
        "E116": "Trial transcripts",
        "E117": "Trial exhibits",
        "E118": "Litigation support vendors",
        "E119": "Experts",
        "E120": "Private investigators",
        "E121": "Arbitrators/mediators",
        "E122": "Local counsel",
        "E123": "Other professionals",
        "E124": "Other",
    }
)

_TABLES: Mapping[CodeKind, Mapping[str, str]] = MappingProxyType(
    {CodeKind.TASK: TASKS, CodeKind.ACTIVITY: ACTIVITIES, CodeKind.EXPENSE: EXPENSES}
)

# Sets that we know by their numbering only. The narrower rule stands first.
_FAMILIES: tuple[tuple[CodeKind, re.Pattern[str], str], ...] = (
    (
        CodeKind.EXPENSE,
        re.compile(r"X9(?:[0-8][0-9]|9[0-8])"),
        "Expense code reserved for the client",
    ),
    (CodeKind.EXPENSE, re.compile(r"X[0-9]{3}"), "LOC 2013 revised expense code"),
    (CodeKind.TASK, re.compile(r"L6[0-9]{2}"), "LOC 2011 eDiscovery task code"),
    (CodeKind.TASK, re.compile(r"(?:PA|TR)[0-9]{3}"), "LOC 2007 intellectual property task code"),
)


def is_known(kind: CodeKind | str, code: str) -> bool:
    """Whether ``code`` belongs to a published set for that column (exact spelling, capital letter)."""
    kind = CodeKind(kind)
    return code in _TABLES[kind] or any(
        family is kind and pattern.fullmatch(code) for family, pattern, _ in _FAMILIES
    )


def describe(code: str) -> str | None:
    """The published English meaning of ``code``, or ``None`` for a code of no published set."""
    for table in _TABLES.values():
        if code in table:
            return table[code]
    for _, pattern, meaning in _FAMILIES:
        if pattern.fullmatch(code):
            return meaning
    return None


def is_reserved_for_client(code: str) -> bool:
    """Whether ``code`` is one of X900 to X998, whose meaning the client of the firm defines."""
    return _FAMILIES[0][1].fullmatch(code) is not None
