"""An operator who has set up the second factor that the platform demands."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from tests.second_factor import enrol_by_page
from tests.world import World


@pytest.fixture
def operator(world: World) -> Browser:
    browser = world.ops.browser("ops")
    enrol_by_page(browser)
    return browser
