"""Who asks and how, and what leaves with the answers."""

from __future__ import annotations

from faults.threats.guard import Guard

STORE = "visml/activations/store.py"
SECURITY = "visml/dashboard/security.py"
ASKS = "tests/dashboard/test_security.py::test"
REQUESTS = "tests/dashboard/test_hostile_requests.py::test"
ENTRY = "tests/dashboard/test_token.py::test"
PRIVATE = "tests/dashboard/test_privacy.py::test"
LOG = "tests/dashboard/test_refusal_log.py::test"

BROWSER = (
    *(
        Guard(f"no {header} header", f"{REQUESTS}_every_route_of_the_map_answers_with_the_headers", SECURITY, code, "")
        for header, code in (
            ("security", '        "Content-Security-Policy": policy,\n'),
            ("nosniff", '        "X-Content-Type-Options": "nosniff",\n'),
            ("frame-ancestors", "            \"frame-ancestors 'self'\",\n"),
            ("referrer policy", '        "Referrer-Policy": "no-referrer",\n'),
        )
    ),
    Guard(
        "scripts that are not the page's own",
        f"{ASKS}_the_policy_allows_own_scripts_only",
        SECURITY,
        "[\"'self'\", *app.csp_hashes()]",
        "[\"'self'\", \"'unsafe-inline'\"]",
    ),
    Guard(
        "any Host",
        f"{ASKS}_a_foreign_host_is_refused",
        SECURITY,
        "if settings.hosts or settings.host not in ANYWHERE:",
        "if False:",
    ),
    Guard(
        "a callback body without a limit",
        f"{ASKS}_a_callback_body_has_its_own_limit",
        SECURITY,
        "request.max_content_length = CALLBACK_BYTES",
        "pass",
    ),
    Guard(
        "a malformed callback body",
        f"{ASKS}_a_malformed_callback_is_told_so",
        SECURITY,
        "malformed = request.path == CALLBACKS",
        "malformed = False",
    ),
    Guard(
        "a fuzzed callback body",
        f"{REQUESTS}_no_callback_body_is_answered_with_500",
        SECURITY,
        "malformed = request.path == CALLBACKS",
        "malformed = False",
    ),
    Guard(
        "an unknown script of a component",
        f"{REQUESTS}_every_route_of_the_map_answers_with_the_headers",
        SECURITY,
        "    server.register_error_handler(DependencyException, _no_such_script)\n",
        "",
    ),
    Guard(
        "a POST from another site (Sec-Fetch-Site)",
        f"{ASKS}_another_site_cannot_post",
        SECURITY,
        'if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):',
        "if False:",
    ),
    Guard(
        "a POST from another site (Origin)",
        f"{ASKS}_another_site_cannot_post",
        SECURITY,
        'if origin and origin.split("://")[-1] != request.host:',
        "if False:",
    ),
    Guard(
        "paths or traces in a 4xx",
        "tests/dashboard/test_routes.py::test_what_is_not_there_is_told_without_paths_or_traces",
        SECURITY,
        "    server.register_error_handler(HTTPException, _http_error)\n",
        "",
    ),
    Guard(
        "paths or traces in a notice",
        "tests/dashboard/test_opening.py::test_a_fault_is_told_without_its_inside",
        "visml/dashboard/app.py",
        "text = str(error) if refused else SENTENCES[500]",
        "text = str(error)",
    ),
    Guard(
        "a file's name as HTML in a chart",
        "tests/figures/test_look.py::test_names_lose_what_plotly_would_read_as_html",
        "visml/figures/look.py",
        'return re.sub(r"[^\\w\\-./()+ ]", "", text)[:40].strip()',
        "return text",
    ),
    Guard(
        "slow bodies on every thread",
        "tests/dashboard/test_serve.py::test_slow_bodies_on_every_thread_do_not_stop_the_others",
        "visml/dashboard/worker.py",
        "conn.sock.shutdown(socket.SHUT_RD)",
        "pass",
    ),
    Guard(
        "debug mode under gunicorn",
        f"{ASKS}_debug_mode_refuses_to_start_under_gunicorn",
        SECURITY,
        "        refuse_debug(os.environ)\n",
        "        pass\n",
    ),
    Guard(
        "others without a token",
        f"{ENTRY}_others_need_a_token",
        SECURITY,
        "if not settings.token and needs_token(settings):",
        "if False:",
    ),
    Guard(
        "others with a wrong token",
        f"{ENTRY}_without_the_token_no_route_of_the_map_answers",
        SECURITY,
        "            raise Unauthorized\n",
        "            return None\n",
    ),
    Guard(
        "a question's body without a limit",
        f"{REQUESTS}_every_body_has_a_limit_and_a_sentence",
        "visml/dashboard/routes.py",
        "request.max_content_length = QUESTION_BYTES",
        "pass",
    ),
    Guard(
        "a token that is compared letter by letter",
        f"{ENTRY}_token_and_cookie_are_compared_in_constant_time",
        SECURITY,
        "hmac.compare_digest(given.encode(), expected.encode())",
        "given == expected",
    ),
    Guard(
        "a cookie that scripts can read",
        f"{ENTRY}_the_link_opens_the_page_and_leaves_the_address_clean",
        SECURITY,
        "httponly=True",
        "httponly=False",
    ),
    Guard(
        "a cookie that other sites' requests carry",
        f"{ENTRY}_the_link_opens_the_page_and_leaves_the_address_clean",
        SECURITY,
        'samesite="Strict"',
        'samesite="None"',
    ),
    Guard(
        "a token that nobody is told",
        "tests/dashboard/test_serve.py::test_the_link_opens_the_page",
        "visml/dashboard/serve.py",
        '(f"?token={settings.token}" if settings.token else "")',
        '""',
    ),
    Guard(
        "an upload in what others are shown",
        f"{PRIVATE}_nothing_that_another_visitor_gets_names_an_upload",
        "visml/images/gallery.py",
        "in (*self._samples.values(), *self._folder.values())]",
        "in (*self._samples.values(), *self._folder.values())]"
        ' + [self._uploads.find(path.stem) for path in self._uploads._folder.glob("*.png")]',
    ),
    Guard(
        "what was computed of an upload, after its day",
        f"{PRIVATE}_after_its_day_nothing_of_an_upload_opens",
        STORE,
        "return self._max_age_s is not None and abs(time.time() - path.lstat().st_mtime) > self._max_age_s",
        "return False",
    ),
    Guard(
        "a refusal that nobody hears of",
        f"{LOG}_a_refusal_is_one_line",
        SECURITY,
        "    _note(status, sentence)\n    return",
        "    return",
    ),
    Guard(
        "an address that writes lines into the log",
        f"{LOG}_an_address_writes_no_line_of_its_own",
        SECURITY,
        "ascii(request.path)[:LONGEST_NOTED]",
        "request.path",
    ),
    Guard(
        "a token in the log",
        f"{LOG}_neither_token_nor_handles_are_logged",
        SECURITY,
        "ascii(request.path)[:LONGEST_NOTED] if rule == PAGES else rule",
        "ascii(request.full_path)",
    ),
)
