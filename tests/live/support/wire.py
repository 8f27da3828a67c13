# SPDX-License-Identifier: Apache-2.0
"""Things on the way to the server: TLS ends that should be refused, a proxy, a front that speaks HTTP/2."""

import base64
import http.client
import select
import socket
import ssl
import threading

import h2.config
import h2.connection
import h2.events


class Listener:
    """A port; each connection is handled in a thread of its own. What came is in `heard`."""

    def __init__(self):
        self.heard, self.connections = [], 0
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._quietly, args=(connection,), daemon=True).start()

    def _quietly(self, connection):
        with connection:
            try:
                self.handle(connection)
            except (OSError, EOFError):
                pass

    def handle(self, connection):
        """One connection."""
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def context_for(certificate, key, newest=None):
    """TLS as a server, at most of this version."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    if newest:
        tls.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        tls.maximum_version = newest
        tls.set_ciphers("ALL:@SECLEVEL=0")
    return tls


class Impostor(Listener):
    """Offers a certificate and keeps what a client says after that."""

    def __init__(self, certificate, key, newest=None):
        self._tls = context_for(certificate, key, newest)
        super().__init__()

    def handle(self, connection):
        with self._tls.wrap_socket(connection, server_side=True) as peer:
            data = peer.recv(65536)
            if data:
                self.heard.append(data)


class Proxy(Listener):
    """Answers CONNECT to any host with a connection to the one server there is."""

    def __init__(self, port, password=None):
        self._port, self._password = port, password
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"

    def handle(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        self.heard.append(head.decode("latin-1"))
        if self._password and base64.b64encode(self._password.encode()) not in head:
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self._port)) as far:
            # A header of the proxy's own must not be taken for the server's.
            connection.sendall(b"HTTP/1.1 200 Connected\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n")
            _pump(connection, far)

    def hosts(self):
        """Whom clients wanted to be connected to."""
        return {h.split()[1] for h in self.heard}


def _pump(one, other):
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            (other if ready is one else one).sendall(data)


class H2Front(Listener):
    """Speaks HTTP/2 over TLS, and HTTP/1.1 to the server behind it."""

    def __init__(self, certificate, key, port):
        self._tls, self._port = context_for(certificate, key), port
        self._tls.set_alpn_protocols(["h2"])
        super().__init__()

    def handle(self, connection):
        with self._tls.wrap_socket(connection, server_side=True) as peer:
            h2c = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
            h2c.initiate_connection()
            peer.sendall(h2c.data_to_send())
            streams = {}
            while data := peer.recv(65536):
                for event in h2c.receive_data(data):
                    self._on_event(h2c, streams, event)
                peer.sendall(h2c.data_to_send())

    def _on_event(self, h2c, streams, event):
        if isinstance(event, h2.events.RequestReceived):
            streams[event.stream_id] = [event.headers, b""]
        if isinstance(event, h2.events.DataReceived):
            streams[event.stream_id][1] += event.data
            h2c.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if isinstance(event, h2.events.StreamEnded):
            self._answer(h2c, event.stream_id, *streams.pop(event.stream_id))

    def _answer(self, h2c, stream, headers, body):
        pseudo = {k: v for k, v in headers if k.startswith(":")}
        plain = {k: v for k, v in headers if not k.startswith(":")} | {"host": pseudo[":authority"]}
        self.heard.append(pseudo[":method"])
        behind = http.client.HTTPConnection("127.0.0.1", self._port)
        behind.request(pseudo[":method"], pseudo[":path"], body, plain)
        reply = behind.getresponse()
        data = reply.read()
        behind.close()
        kept = [(k.lower(), v) for k, v in reply.getheaders() if k.lower() not in ("connection", "transfer-encoding")]
        h2c.send_headers(stream, [(":status", str(reply.status)), *kept])
        for start in range(0, len(data), 16384):
            h2c.send_data(stream, data[start : start + 16384])
        h2c.end_stream(stream)


class Front(Listener):
    """Speaks HTTP/1.1 over TLS, and to the server behind it; what it does with a HEAD request may be changed."""

    def __init__(self, certificate, key, port, greeting=b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"):
        self._tls, self._port, self._greeting = context_for(certificate, key), port, greeting
        super().__init__()

    def handle(self, connection):
        with self._tls.wrap_socket(connection, server_side=True) as peer, peer.makefile("rb") as stream:
            behind = http.client.HTTPConnection("127.0.0.1", self._port)
            while line := stream.readline():
                headers = http.client.parse_headers(stream)
                if not line.startswith(b"HEAD "):
                    body = stream.read(int(headers["Content-Length"]))
                    peer.sendall(_forward(behind, line.split()[0].decode(), dict(headers), body))
                    continue
                self.heard.append(dict(headers))
                peer.sendall(self._greeting)


def _forward(behind, method, headers, body):
    behind.request(method, "/", body, headers)
    reply = behind.getresponse()
    data = reply.read()
    kept = "".join(f"{k}: {v}\r\n" for k, v in reply.getheaders() if k.lower() not in ("connection", "content-length"))
    return f"HTTP/1.1 {reply.status} X\r\n{kept}Content-Length: {len(data)}\r\n\r\n".encode() + data
