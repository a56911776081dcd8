"""What Stripe still asks of an account, as our kinds of requirement.

Stripe describes each open point by a path (``identity.business_details.registered_name``,
``company.tax_id``), in two generations of its API; the list of paths is long and grows, so
they are told apart by the words they contain.
"""

from __future__ import annotations

from typing import Final

from billing.gateway.interface import Requirement, RequirementKind

# The first word that the path contains decides; the narrower ones stand first.
_KINDS: Final = (
    ("terms_of_service", RequirementKind.TERMS),
    ("tos_acceptance", RequirementKind.TERMS),
    ("bank_account", RequirementKind.BANK_ACCOUNT),
    ("external_account", RequirementKind.BANK_ACCOUNT),
    ("default_outbound_destination", RequirementKind.BANK_ACCOUNT),
    ("proof_of_liveness", RequirementKind.IDENTITY_PHOTO),
    ("verification", RequirementKind.IDENTITY_DOCUMENT),
    ("document", RequirementKind.IDENTITY_DOCUMENT),
    ("registered_name", RequirementKind.REGISTERED_NAME),
    ("company.name", RequirementKind.REGISTERED_NAME),
    ("business_name", RequirementKind.REGISTERED_NAME),
    ("directorship", RequirementKind.DIRECTORS),
    ("directors", RequirementKind.DIRECTORS),
    ("ownership", RequirementKind.OWNERS),
    ("owners", RequirementKind.OWNERS),
    ("executives", RequirementKind.DIRECTORS),
    ("date_of_birth", RequirementKind.DATE_OF_BIRTH),
    (".dob", RequirementKind.DATE_OF_BIRTH),
    ("tax_id", RequirementKind.COMPANY_NUMBER),
    ("id_number", RequirementKind.IDENTITY_NUMBER),
    ("ssn", RequirementKind.IDENTITY_NUMBER),
    ("representative", RequirementKind.REPRESENTATIVE),
    ("person", RequirementKind.REPRESENTATIVE),
    ("individual", RequirementKind.REPRESENTATIVE),
    ("address", RequirementKind.ADDRESS),
    ("phone", RequirementKind.PHONE),
    ("statement_descriptor", RequirementKind.STATEMENT_NAME),
    ("business_profile.url", RequirementKind.WEBSITE),
    ("business_url", RequirementKind.WEBSITE),
    ("mcc", RequirementKind.ACTIVITY),
    ("product_description", RequirementKind.ACTIVITY),
    ("structure", RequirementKind.LEGAL_FORM),
    ("business_type", RequirementKind.LEGAL_FORM),
    ("annual_revenue", RequirementKind.TURNOVER),
    ("estimated_worker_count", RequirementKind.WORKER_COUNT),
    ("support", RequirementKind.SUPPORT_CONTACT),
    ("contact_email", RequirementKind.EMAIL),
    ("email", RequirementKind.EMAIL),
)


def requirement_of(path: str) -> Requirement:
    """An open point by the path that Stripe gives it."""
    kind = next((kind for word, kind in _KINDS if word in path), RequirementKind.OTHER)
    return Requirement(kind, path)
