"""Has a tenant speak HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.connectors.connectwise.fake import Call, Tenant

from beforehand.connectors.connectwise import client, hooks, people


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    tenant: Tenant

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        tenant = self.tenant
        mood = tenant.answer(
            Call(self.command, parts.path, query, headers, json.loads(sent) if sent else None)
        )
        self.send_response_only(mood.status)
        self.send_header("Date", format_datetime(tenant.now, usegmt=True))
        self.send_header("Content-Length", str(len(mood.body)))
        for name, value in {"Content-Type": "application/json", **dict(mood.headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(mood.body[: len(mood.body) // 2] if mood.cut else mood.body)
        self.close_connection = mood.cut

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing: what came is in `calls`."""


@contextmanager
def serve(tenant: Tenant) -> Iterator[Tenant]:
    """The tenant, at a port of this machine; whatever was kept of one before it, whose port may be the same, is
    forgotten.
    """
    client._codebases.clear()
    people._kept.clear()
    hooks._keys.clear()
    hooks._tenants.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"tenant": tenant}))
    server.daemon_threads = True
    tenant.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield tenant
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
