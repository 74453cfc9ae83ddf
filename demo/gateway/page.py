#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""page.py WORK FORM SOURCE OUT: the page of ./run demo gateway, complete in itself.

WORK has what the demonstration left: events (what it told), the journals of controller and gateway,
records.log (the module's log as text). FORM is process or chip; SOURCE has the policies."""
import html
import pathlib
import re
import sys
from datetime import datetime, timezone

STYLE = """
:root { --paper: #fbfaf7; --card: #fff; --ink: #22262b; --soft: #667078; --line: #e2dfd8;
  --good: #2b7a4b; --bad: #b3403a; --warn: #a86a10; --calm: #2f6690; --band: #f1eee7; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16181b; --card: #1e2125; --ink: #e4e3df; --soft: #98a1a8; --line: #343a40;
    --good: #6fc28d; --bad: #ef8b84; --warn: #e0ae5b; --calm: #82b6dd; --band: #262b30; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; font-weight: 650; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; font-weight: 650; }
p { max-width: 46rem; } .soft { color: var(--soft); }
.verdict { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1rem 1.25rem; margin: 1.5rem 0; padding: 1rem 1.25rem;
  background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
.verdict b { display: block; font-size: 1.5rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.verdict span { color: var(--soft); font-size: .9rem; }
figure { margin: 0; padding: 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; overflow-x: auto; }
figure svg { display: block; min-width: 46rem; width: 100%; height: auto; }
figcaption { color: var(--soft); font-size: .9rem; margin-top: .5rem; }
article { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--good);
  border-radius: .5rem; padding: .9rem 1.25rem; margin: .9rem 0; }
article.broken { border-left-color: var(--bad); }
article h3 { margin: 0 0 .3rem; font-size: 1.05rem; font-weight: 650; }
article h3 i { font-style: normal; color: var(--bad); margin-right: .5rem; }
article .expected { color: var(--soft); margin: .2rem 0 .6rem; }
ul { list-style: none; margin: 0; padding: 0; } li { margin: .25rem 0; padding-left: 1.5rem; text-indent: -1.5rem;
  overflow-wrap: anywhere; }
li::before { display: inline-block; width: 1.5rem; text-indent: 0; }
li.held::before { content: "\\2713"; color: var(--good); } li.broken::before { content: "\\2717"; color: var(--bad); }
li.broken { color: var(--bad); }
li.refused, li.alarm, li.obeyed, li.record, li.telemetry, li.approval, li.note { color: var(--soft); font-size: .9rem; }
li.refused::before { content: "\\2298"; color: var(--bad); } li.alarm::before { content: "\\25B2"; color: var(--warn); }
li.obeyed::before { content: "\\2192"; color: var(--good); } li.approval::before { content: "\\270E"; color: var(--calm); }
li.record::before { content: "#"; } li.telemetry::before { content: "\\223F"; } li.note::before { content: "\\2013"; }
li.alarm b { color: var(--warn); font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem;
  overflow-x: auto; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
pre .no { color: var(--bad); } pre .al { color: var(--warn); } pre .ok { color: var(--good); }
svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: var(--soft); }
svg .name { fill: var(--ink); } svg .letter { fill: var(--card); font-weight: 700; text-anchor: middle; }
svg .band { fill: var(--band); } svg .rule { stroke: var(--line); stroke-width: 1; }
svg .tick { stroke: var(--good); stroke-width: 2; } svg .stop { stroke: var(--bad); stroke-width: 4; } svg .dot { fill: var(--calm); }
svg .attack { fill: var(--bad); } svg .alarm { fill: var(--warn); } svg .approval { fill: var(--calm); }
svg .module { fill: var(--calm); }
footer { margin-top: 3rem; color: var(--soft); font-size: .9rem; }
"""

WIDTH, LEFT, RIGHT, TOP, LANE = 960, 130, 16, 34, 44
LANES = ("telemetry", "commands", "attacker", "alarms", "people")
NAMES = {"telemetry": "telemetry", "commands": "pumps obey", "attacker": "the attacker", "alarms": "alarms",
         "people": "people approve"}
SEEN = ("held", "broken", "refused", "alarm", "obeyed", "record", "telemetry", "approval", "note")
FORMS = {
    "process": "The module was an isolated daemon on the gateway's machine; each reading was signed by itself. This form"
               " holds off other programs, not root: whoever has root can take its keys (doc/THREATS.md). It has no"
               " monotonic counter either, so that others must see an old state that is put back.",
    "chip": "The module was a chip of its own, emulated. The host has a line to it and nothing else. The chip signs a"
            " few times a second, so that one signature covers the 1,000 readings of a round by their SHA-256.",
}


def escape(text):
    return html.escape(text, quote=True)


def read_events(path):
    for line in path.read_text(errors="replace").splitlines():
        parts = line.split("\t", 2)
        if len(parts) == 3:
            yield int(parts[0]) / 1000, parts[1], parts[2]


def read_journal(path):
    """(seconds since 1970, text) of each line that begins with a time."""
    for line in path.read_text(errors="replace").splitlines():
        when, _, text = line.partition(" ")
        try:
            stamp = datetime.strptime(when, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        except ValueError:
            continue
        yield stamp.timestamp(), text


def sections(events):
    """The steps, each with its attempts; what comes before the first attempt is the step's own."""
    steps = []
    for _, kind, text in events:
        if kind == "step":
            steps.append({"title": text, "parts": [{"title": "", "expected": [], "seen": []}]})
        elif not steps:
            continue
        elif kind == "attempt":
            steps[-1]["parts"].append({"title": text, "expected": [], "seen": []})
        elif kind == "expected":
            steps[-1]["parts"][-1]["expected"].append(text)
        elif kind in SEEN:
            steps[-1]["parts"][-1]["seen"].append((kind, text))
    return steps


class Timeline:
    def __init__(self, first, last):
        self.first, self.span = first, max(last - first, 1)
        self.height = TOP + LANE * len(LANES) + 30
        self.parts = []
        self.free = 0

    def x(self, when):
        return LEFT + (when - self.first) / self.span * (WIDTH - LEFT - RIGHT)

    def y(self, lane):
        return TOP + LANE * LANES.index(lane) + LANE / 2

    def add(self, text):
        self.parts.append(text)

    def frame(self, steps):
        for i, (start, end, title) in enumerate(steps):
            left, right = self.x(start), self.x(end)
            if i % 2 == 0:
                self.add(f'<rect class="band" x="{left:.1f}" y="{TOP}" width="{right - left:.1f}"'
                         f' height="{LANE * len(LANES)}"/>')
            self.add(f'<text x="{left + 4:.1f}" y="{TOP - 10}">{i + 1}<title>{escape(title)}</title></text>')
        for lane in LANES:
            self.add(f'<text class="name" x="0" y="{self.y(lane) + 4:.0f}">{NAMES[lane]}</text>')
            bottom = self.y(lane) + LANE / 2
            self.add(f'<line class="rule" x1="0" x2="{WIDTH}" y1="{bottom}" y2="{bottom}"/>')
        every = next(s for s in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3600) if self.span / s <= 12)
        for second in range(0, int(self.span) + 1, every):
            self.add(f'<text x="{self.x(self.first + second):.1f}" y="{self.height - 8}" text-anchor="middle">'
                     f'{second} s</text>')

    def dot(self, lane, when, name, title, size=4):
        self.add(f'<circle class="{name}" cx="{self.x(when):.1f}" cy="{self.y(lane)}" r="{size}">'
                 f'<title>{escape(title)}</title></circle>')

    def tick(self, lane, when, name, title):
        x, y = self.x(when), self.y(lane)
        if name == "stop":
            self.add(f'<text x="{x:.1f}" y="{y - 12}" text-anchor="middle">stop</text>')
        self.add(f'<line class="{name}" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 9}" y2="{y + 9}">'
                 f'<title>{escape(title)}</title></line>')

    def letter(self, lane, when, letter, title):
        x, y = max(self.x(when), self.free), self.y(lane)
        self.free = x + 22 # two at nearly the same time stand side by side
        self.add(f'<g><circle class="attack" cx="{x:.1f}" cy="{y}" r="10"/>'
                 f'<text class="letter" x="{x:.1f}" y="{y + 4}">{escape(letter)}</text>'
                 f'<title>{escape(title)}</title></g>')

    def picture(self):
        return (f'<svg viewBox="0 0 {WIDTH} {self.height}" role="img" aria-label="what happened, in seconds">'
                + "".join(self.parts) + "</svg>")


def timeline(events, controller):
    first, last = events[0][0], events[-1][0]
    line = Timeline(first, last)
    starts = [(when, text) for when, kind, text in events if kind == "step"]
    ends = [when for when, _ in starts[1:]] + [last]
    line.frame([(when, end, text) for (when, text), end in zip(starts, ends)])
    for when, text in controller:
        if text.startswith("telemetry round"):
            line.dot("telemetry", when, "dot", text)
        elif text.startswith("obeyed"):
            line.tick("commands", when, "stop" if "pump.shutdown" in text else "tick", text)
        elif text.startswith("ALARM: "):
            line.dot("alarms", when, "alarm", text[7:], 5)
    for when, kind, text in events:
        if kind == "attempt":
            line.letter("attacker", when, text[0], text[2:])
        elif kind == "approval":
            line.dot("people", when, "approval", text, 5)
        elif kind == "alarm" and not text.startswith("command not"):
            line.dot("alarms", when, "module", text, 5)
    return line.picture()


def part_html(part):
    letter, title = part["title"][:1], part["title"][2:]
    broken = any(kind == "broken" for kind, _ in part["seen"])
    out = [f'<article class="{"broken" if broken else "held"}">']
    if title:
        out.append(f"<h3><i>{escape(letter)}</i>{escape(title)}</h3>")
    if part["expected"]:
        out.append(f'<p class="expected">Expected: {escape(" ".join(part["expected"]))}.</p>'.replace("..", "."))
    out.append("<ul>")
    for kind, text in part["seen"]:
        out.append(f'<li class="{kind}">{escape(text)}</li>')
    out.append("</ul></article>")
    return "".join(out)


def records_html(records):
    """The records that tell of refusals, alarms, approvals and starts; telemetry would hide them."""
    wanted = re.compile(r"refused|approval_give|roles_set|time_set| alarm ok|boot ok|key_generate|rule [23]\b")
    out, last, like = [], "", 0
    for line in records + [""]:
        if line and (not wanted.search(line) or "rule 1 payload" in line):
            continue
        kind = re.sub(r"^\S+ \S+ |key \S+|session \d+", "", line)
        like = like + 1 if kind == last else 0
        last = kind
        if like >= 2:
            text = f"    ... {like - 1} more like this"
            out[-1:] = [text] if like > 2 else [out[-1], text]
            continue
        name = "no" if "refused" in line else "al" if " alarm ok" in line else "ok" if "approval" in line else ""
        text = escape(line[:230])
        out.append(f'<span class="{name}">{text}</span>' if name else text)
    return "<pre>" + "\n".join(out) + "</pre>"


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    work, form, source, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
    events = list(read_events(work / "events"))
    controller = list(read_journal(work / "controller.log"))
    records = (work / "records.log").read_text(errors="replace").splitlines()
    count = {kind: sum(1 for _, k, _ in events if k == kind) for kind in ("held", "broken", "attempt")}
    obeyed = sum(1 for _, text in controller if text.startswith("obeyed"))
    alarms = sum(1 for _, text in controller if text.startswith("ALARM"))
    sensors = sum(1000 for _, text in controller if text.startswith("telemetry round"))
    shutdowns = sum(1 for _, text in controller if text.startswith("obeyed") and "pump.shutdown" in text)
    numbers = [(f"{count['held']} of {count['held'] + count['broken']}", "checks held"),
               (count["attempt"], "kinds of attack"), (f"{sensors:,}", "readings verified"),
               (obeyed, "commands obeyed"), (f"{shutdowns}", "shutdowns, by two people each"),
               (alarms, "alarms of the controller")]
    body = ["<h1>An industrial gateway whose machine is taken over</h1>",
            "<p>A gateway signs the readings of 1,000 sensors and the commands of a desk with keys that it never"
            " holds. A controller obeys only what is signed under the policy that it knows, with an unbroken counter."
            " Then somebody has root on the gateway's machine, and the PIN.</p>",
            f'<p class="soft">{escape(FORMS[form])}</p>', '<div class="verdict">']
    body += [f"<div><b>{escape(str(number))}</b><span>{escape(text)}</span></div>" for number, text in numbers]
    body += ["</div>", "<h2>What happened when</h2>", "<figure>", timeline(events, controller),
             "<figcaption>Numbers above: the steps below. Letters: what the attacker tried. Point at a mark to read what"
             " it was. Alarms: brown of the controller, blue of the module.</figcaption></figure>"]
    for number, step in enumerate(sections(events), 1):
        body.append(f"<h2>{number}. {escape(step['title'])}</h2>")
        body += [part_html(part) for part in step["parts"] if part["seen"] or part["title"]]
    body += ["<h2>The module's log</h2>",
             "<p>Signed by the module, and verified away from it. Signatures of telemetry are left out here.</p>",
             records_html(records), "<h2>The policy of the commands</h2>",
             f"<pre>{escape((source / 'commands.policy').read_text())}</pre>",
             f"<footer>Made by ./run demo gateway{' --form chip' if form == 'chip' else ''} at "
             f"{datetime.fromtimestamp(events[-1][0], timezone.utc):%Y-%m-%d %H:%M} UTC. What was shown, and what a"
             " receiver must check: doc/GATEWAY.md.</footer>"]
    page = ("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\""
            " content=\"width=device-width, initial-scale=1\"><title>Edge HSM: the gateway</title><style>"
            + STYLE + "</style></head><body><main>" + "\n".join(body) + "</main></body></html>\n")
    pathlib.Path(out).write_text(page)


main()
