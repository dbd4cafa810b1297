"""`ingress`: a class served through FastAPI or any ASGI app."""

from kernelserve.ingress.declare import ASGI_METHOD, ingress, ingress_docs_path, is_ingress

__all__ = ["ASGI_METHOD", "ingress", "ingress_docs_path", "is_ingress"]
