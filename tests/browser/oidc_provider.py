"""A small OpenID Connect provider: whoever comes is signed in as the user that the test has named."""

import base64
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "plumbline", "a secret of the client"


class Provider:
    """The provider on a free port of this machine; `claims` are those of the next user."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.codes: dict[str, tuple[dict[str, Any], str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def answer(self, document: object) -> None:
                body = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if parts.path == "/.well-known/openid-configuration":
                    self.answer(provider.metadata)
                elif parts.path == "/jwks":
                    self.answer({"keys": [provider.key.as_dict(private=False)]})
                elif parts.path == "/authorize" and asked["client_id"] == CLIENT:
                    code = secrets.token_hex(8)
                    provider.codes[code] = (dict(provider.claims), asked.get("nonce", ""))
                    self.send_response(302)
                    answer = urlencode({"code": code, "state": asked["state"]})
                    self.send_header("Location", f"{asked['redirect_uri']}?{answer}")
                    self.end_headers()
                else:
                    self.send_error(404)

            def do_POST(self) -> None:
                asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                told = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
                if told not in (f"{CLIENT}:{SECRET}", f"{CLIENT}:{SECRET.replace(' ', '+')}"):
                    self.send_error(401)
                    return
                claims, nonce = provider.codes.pop(asked["code"][0])
                now = int(time.time())
                claims |= {"iss": provider.url, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": nonce}
                token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key)
                self.answer({"access_token": "x", "token_type": "Bearer", "expires_in": 600, "id_token": token})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.metadata = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> "Provider":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def secrets_for(self, server_url: str) -> str:
        """The file `secrets.toml` of a server."""
        return (
            "[auth]\n"
            f'redirect_uri = "{server_url}/oauth2callback"\n'
            'cookie_secret = "a long secret of the cookies"\n'
            f'client_id = "{CLIENT}"\n'
            f'client_secret = "{SECRET}"\n'
            f'server_metadata_url = "{self.url}/.well-known/openid-configuration"\n'
        )
