"""The look of the evaluation's page, and what it may load: nothing."""

from __future__ import annotations

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"

STYLE = """
:root { color-scheme: light; --ink: #1a1a1a; --muted: #636363; --line: #dadada; }
body { margin: 0; background: #f3f3f3; color: var(--ink);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 22px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 12px; }
h3 { font-size: 13px; margin: 12px 0 4px; }
section { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: 16px; margin-top: 16px; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 0; }
.facts dt { color: var(--muted); font-size: 12px; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.words div { display: grid; grid-template-columns: 190px 1fr; gap: 12px; padding: 3px 0; }
.words dt { font-weight: 600; }
.words dd { margin: 0; max-width: 76ch; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: 3px 10px 3px 0; text-align: right; border-bottom: 1px solid var(--line); }
thead th { vertical-align: bottom; color: var(--muted); font-weight: 600; }
tbody th, thead th.name { text-align: left; font-weight: 400; white-space: nowrap; }
tr.model th, tr.model td { font-weight: 600; }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; padding: 0; margin: 12px 0 4px; }
.key svg { margin-right: 8px; vertical-align: middle; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 16px; }
.pair > *, .labelled > * { min-width: 0; }
.half { max-width: 540px; }
.labelled { display: grid; grid-template-columns: minmax(90px, 220px) 1fr; }
.labels { list-style: none; margin: 0; padding: 0 10px 0 0; }
.labels li { height: 24px; line-height: 24px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
details { margin-top: 12px; }
summary { cursor: pointer; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 16px;
  list-style: none; margin: 0; padding: 0; }
figure { margin: 0; display: grid; grid-template-columns: 1fr 1fr; gap: 2px; }
figure img { width: 100%; display: block; }
figcaption { grid-column: 1 / -1; font-size: 12px; overflow-wrap: anywhere; }
figcaption span { display: block; color: var(--muted); }
b, li, th { unicode-bidi: isolate; }
@media (max-width: 500px) { .words div { grid-template-columns: 1fr; gap: 0; } }
"""
