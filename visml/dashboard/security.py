"""Who may ask, what leaves with every answer, and what a refusal says."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, jsonify, redirect, request
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from visml.settings import Refused, Settings, SettingsRefused

CALLBACKS = "/_dash-update-component"
CALLBACK_BYTES = 1_000_000
PAGES = "/<path:path>"  # Dash's rule for every address that no other rule fits
PAGE_PATHS = ("/", "/compare", "/colors", "/training", "/evaluation")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - names that mean every address; nothing is bound here
# Where notebooks are served from: on this machine, in a browser or in VS Code.
NOTEBOOKS = ("http://localhost:*", "http://127.0.0.1:*", "vscode-webview:", "vscode-file:")
YEAR = 365 * 86400
EVERYDAY = (404,)  # not worth a warning: what was opened has expired
LONGEST_NOTED = 200  # characters of an address in the log
DEBUGGERS = ("FLASK_DEBUG", "DASH_DEBUG")
_log = logging.getLogger(__name__)

SENTENCES = {
    400: "This request could not be understood.",
    401: "This page asks for its token: open the link that was printed when VisML was started.",
    403: "Requests from other sites are refused.",
    404: "There is nothing here; it may have expired.",
    405: "This cannot be asked that way.",
    413: "This is larger than what is taken; make it smaller and try again.",
    415: "This kind of data is not taken here.",
    500: "Something went wrong on the server; everything else goes on working.",
    503: "The server is busy; try again in a moment.",
}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def needs_token(settings: Settings) -> bool:
    """Whether others can reach the page, by its own address or through a proxy."""
    return settings.hosts is not None or not is_loopback(settings.host)


def with_token(settings: Settings) -> Settings:
    """The settings, with a fresh token where others could reach the page and none is set."""
    if settings.token or not needs_token(settings):
        return settings
    return replace(settings, token=secrets.token_urlsafe(24))


def refuse_debug(environ: Mapping[str, str]) -> None:
    """Keeps debug mode, which shows the program's inside to whoever asks, away from a server for others.

    Raises:
        SettingsRefused: a variable switches it on.
    """
    for name in DEBUGGERS:
        if environ.get(name, "").lower() not in ("", "0", "false", "no", "off"):
            raise SettingsRefused(f"Debug mode does not run under gunicorn: unset {name}.")


def protect(app: Dash, settings: Settings, framed_by: Sequence[str] = ()) -> None:
    """Puts limits, checks, headers and error answers on every route; call it once all callbacks are registered.

    Args:
        app: the dashboard.
        settings: who may ask.
        framed_by: other sites that may show it in a frame, as ``frame-ancestors`` names them.

    Raises:
        SettingsRefused: others could reach the page and there is no token, or gunicorn is to run debug mode.
    """
    if os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn"):
        refuse_debug(os.environ)
    if not settings.token and needs_token(settings):
        raise SettingsRefused(f"Listening on '{settings.hosts or settings.host}' needs a token: set VISML_TOKEN.")
    server: Flask = app.server
    server.config["MAX_CONTENT_LENGTH"] = settings.max_mb * 10**6
    if settings.hosts or settings.host not in ANYWHERE:
        server.before_request(_trust(trusted_hosts(settings)))
    server.before_request(_refuse_other_sites)
    if settings.token:
        server.before_request(_gate(settings.token, f"visml-{settings.port}"))
    server.before_request(_refuse_unknown_pages)
    server.after_request(_headers(content_security_policy(app, framed_by), alone=not framed_by))
    server.register_error_handler(HTTPException, _http_error)
    server.register_error_handler(Refused, _refused)
    server.register_error_handler(DependencyException, _no_such_script)
    server.register_error_handler(Exception, _fault)


def trusted_hosts(settings: Settings) -> frozenset[str]:
    """The names, in lower case, under which a server that listens on one address answers."""
    proxied = (settings.hosts or "").split(",")
    names = {name.strip().strip("[]").lower() for name in (*LOOPBACK, settings.host, *proxied)}
    return frozenset(names - {""})


def content_security_policy(app: Dash, framed_by: Sequence[str] = ()) -> str:
    """Own scripts only, by URL or by hash; Mantine needs inline styles; pictures may be made in the page."""
    scripts = " ".join(["'self'", *app.csp_hashes()])
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )
    return " ".join([policy, *framed_by])


def _headers(policy: str, alone: bool) -> Callable[[Response], Response]:
    fixed = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        **({"X-Frame-Options": "SAMEORIGIN"} if alone else {}),
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }

    def add(response: Response) -> Response:
        response.headers.update(fixed)
        if request.path.startswith("/assets/") and "m" in request.args and response.status_code == 200:
            response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
        elif "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    return add


def _trust(hosts: frozenset[str]) -> Callable[[], None]:
    """Refuses requests made under another name, which a foreign page may give this address (DNS rebinding).

    Flask's own ``TRUSTED_HOSTS`` cannot hold an IPv6 address.
    """

    def check() -> None:
        try:
            name = urlsplit(f"//{request.host}").hostname
        except ValueError:
            name = None
        if name not in hosts:
            raise BadRequest

    return check


def _refuse_other_sites() -> None:
    """A request that changes something comes from this page or from no page at all."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.path == CALLBACKS:
        request.max_content_length = CALLBACK_BYTES
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden
    origin = request.headers.get("Origin")
    if origin and origin.split("://")[-1] != request.host:
        raise Forbidden


def _refuse_unknown_pages() -> None:
    """Dash answers every address with the page; addresses that mean nothing are told so."""
    if request.endpoint == PAGES and request.path not in PAGE_PATHS:
        raise NotFound


def _gate(token: str, cookie: str) -> Callable[[], AnyResponse | None]:
    """Lets in whoever has the token; ``/?token=...`` turns it into a cookie and leaves the address bar clean."""
    key = hashlib.blake2b(token.encode(), person=b"visml-cookie").hexdigest()

    def check() -> AnyResponse | None:
        given = request.args.get("token")
        if request.path == "/health" or _same(request.cookies.get(cookie, ""), key):
            return None if given is None or request.method != "GET" else redirect(request.path, 303)
        if given is None or not _same(given, token):
            raise Unauthorized
        response = redirect(request.path, 303)
        response.set_cookie(cookie, key, httponly=True, samesite="Strict", secure=request.is_secure)
        return response

    return check


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _answer(status: int, sentence: str) -> Response:
    response = jsonify(schema=1, error=sentence)
    response.status_code = status
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    sentence = SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])
    _note(status, sentence)
    return _answer(status, sentence)


def _refused(error: Refused) -> Response:
    _note(422, str(error))
    return _answer(422, str(error))


def _note(status: int, sentence: str) -> None:
    """One line of the log, whatever was asked: without the query, which may hold the token, and without handles."""
    level = logging.INFO if status in EVERYDAY else logging.WARNING
    _log.log(level, "Refused %s %s from %s: %d %a", request.method, _asked(), request.remote_addr, status, sentence)


def _asked() -> str:
    """The address asked for in ASCII; where it names something of a photo, the rule that it follows instead."""
    rule = request.url_rule.rule if request.url_rule else PAGES
    return ascii(request.path)[:LONGEST_NOTED] if rule == PAGES else rule


def _no_such_script(_: DependencyException) -> Response:
    """Dash takes an unknown address of a component's script for a fault of the program."""
    return _answer(404, SENTENCES[404])


def _fault(error: Exception) -> Response:
    """A callback's own faults never come here (``on_error`` takes them): what does was a malformed body."""
    malformed = request.path == CALLBACKS
    _log.warning("A request to %s failed.", _asked(), exc_info=not malformed)
    return _answer(400, SENTENCES[400]) if malformed else _answer(500, SENTENCES[500])
