"""ASGI entry point: the HTTP edge in front of the WSGI application."""

import gc

from django.conf import settings

# First: it sets Django up.
from infra.config.wsgi import application as wsgi  # isort: skip
from infra.config.edge.application import Edge
from infra.config.edge.limits import upload_paths
from infra.config.edge.peers import Proxies
from infra.rendering.pdf import start_drawing_process

application = Edge(
    wsgi,
    proxies=Proxies(settings.TRUSTED_PROXIES, settings.PROXY_ADDRESS_HEADER),
    threads=settings.REQUEST_THREADS,
)
# Finds the addresses of the table now, not with the first request; the URLs this loads stay as well.
upload_paths()
start_drawing_process()
gc.collect()
gc.freeze()
