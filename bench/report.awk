# SPDX-License-Identifier: Apache-2.0
# Makes the table of ratios (Markdown, to standard output) and a picture (SVG, to the file in `svg`) out of bench/bench.sh's
# lines. Ratios are formed inside each round and their median is shown.

function median(list, n, i, j, t, sorted) {
    for (i = 1; i <= n; i++) sorted[i] = list[i]
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && sorted[j - 1] > sorted[j]; j--) { t = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = t }
    return n == 0 ? "" : (n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2)
}
function value(target, name, field, n, i, list) {
    n = count[target, name]
    for (i = 1; i <= n; i++) list[i] = data[target, name, i, field]
    return median(list, n)
}
function ratio(a, b, name, inverse, n, m, i, list) {
    n = count[a, name]; m = count[b, name]
    if (m < n) n = m
    for (i = 1; i <= n; i++) list[i] = inverse ? data[b, name, i, 1] / data[a, name, i, 1] : data[a, name, i, 1] / data[b, name, i, 1]
    return median(list, n)
}
# Of the p50, which what else runs on the machine hardly touches.
function ratio_p50(a, b, name, n, m, i, list) {
    n = count[a, name]; m = count[b, name]
    if (m < n) n = m
    for (i = 1; i <= n; i++) list[i] = data[b, name, i, 2] / data[a, name, i, 2]
    return median(list, n)
}
function show(x, digits) { return x == "" ? "-" : sprintf("%." digits "f", x) }
function count_of(x) { return x == "" ? "-" : sprintf("%d", x) }
function plural(n, word) { return n > 1 ? ", " n " " word : "" }

$5 > 0 {
    name = $2 plural($3, "threads") plural($4, "processes")
    n = ++count[$1, name]
    data[$1, name, n, 1] = $5; data[$1, name, n, 2] = $6; data[$1, name, n, 3] = $7; data[$1, name, n, 4] = $8
}

function goal(name, to_raw, to_peer) { goals[name] = to_raw SUBSEP to_peer; order[++rows] = name }
# One case in its four forms.
function goal4(name, to_raw, to_peer, raw8, peer8) {
    goal(name, to_raw, to_peer); goal(name ", 2 threads", "", ""); goal(name ", 8 threads", raw8, peer8); goal(name ", 8 processes", "", "")
}
function met(r, wanted) { return wanted == "" || r == "" ? "" : (r >= wanted ? " ok" : " **below " wanted "**") }
function duration(x) { return x < 0.001 ? show(x * 1e6, 1) " us" : x < 1 ? show(x * 1e3, 1) " ms" : show(x, 1) " s" }

function row(name, part, to_raw, to_peer, p50, inverse) {
    split(goals[name], part, SUBSEP)
    inverse = name ~ /^(find|start|start-pin|fill|boot)$/
    if (value("module", name, 1) == "") { missing = missing (missing == "" ? "" : "; ") name; return }
    to_raw = ratio("module", "raw", name, 0)
    to_peer = ratio("module", "softhsm", name, inverse)
    p50 = ratio_p50("module", "raw", name)
    printf "| %s | %s | %s%s | %s | %s%s | %s | %s | %s |\n", name, \
        inverse ? duration(value("module", name, 1)) : count_of(value("module", name, 1)) "/s", \
        show(to_raw, 2), met(to_raw, part[1]), inverse || name ~ /,/ ? "-" : show(p50, 2), show(to_peer, to_peer >= 10 ? 0 : 2), met(to_peer, part[2]), \
        inverse ? duration_of_peer(name) : count_of(value("softhsm", name, 1)) (value("softhsm", name, 1) == "" ? "" : "/s"), \
        inverse ? "-" : show(value("module", name, 2), 1), inverse ? "-" : show(value("module", name, 3), 1)
    if (to_raw == "" && to_peer == "") return
    bars[++drawn] = name; bar_raw[drawn] = to_raw; bar_peer[drawn] = to_peer; want_raw[drawn] = part[1]; want_peer[drawn] = part[2]
}
function duration_of_peer(name) { return value("softhsm", name, 1) == "" ? "-" : duration(value("softhsm", name, 1)) }

function audit(r, n) {
    n = count["module", "audit-p256"]
    if (n == 0 || count["unaudited", "audit-p256"] == 0) { missing = missing "; audit"; return }
    r = ratio("unaudited", "module", "audit-p256", 0)
    printf "\nAudit: the same daemon without its log signs %.3f times as fast with P-256 (p50 %.2f us with, %.2f us without): the log costs %.1f %% (goal: at most 10 %%)%s.\n", \
        r, value("module", "audit-p256", 2), value("unaudited", "audit-p256", 2), 100 * (1 - 1 / r), 1 - 1 / r <= 0.1 ? " ok" : " **above**"
}

# Of the p50: what else runs on the machine hardly touches them, and both are measured in turns.
function difference(a, b, n, m, i, list) {
    n = count["module", a]; m = count["module", b]
    if (m < n) n = m
    for (i = 1; i <= n; i++) list[i] = data["module", a, i, 2] - data["module", b, i, 2]
    return median(list, n)
}
function shared(r) {
    if (count["shared", "audit-p256"] == 0 || count["unaudited", "audit-p256"] == 0) { missing = missing "; log-each"; return }
    r = value("shared", "audit-p256", 2)
    printf "\nAudit with `log-each 100`: a P-256 signature takes %.2f us (p50), the log %.2f us of it where it takes %.2f us of one that has a record of its own; the archive takes a hundredth.\n", \
        r, r - value("unaudited", "audit-p256", 2), value("module", "audit-p256", 2) - value("unaudited", "audit-p256", 2)
}
function policy(d) {
    if (count["module", "policy-p256-by-100"] == 0) { missing = missing "; policy"; return }
    d = difference("policy-p256-by-100", "plain-p256-by-100")
    printf "\nPolicy: a P-256 signature over a message under a policy of 7 lines takes %.2f us (p50), one over as many bytes without a policy %.2f us: reading, deciding twice, the counter and composing the statement add %.2f us (goal: at most 5)%s. Where other commands come in between, and the policy is read again for each, they add %.2f us.\n", \
        value("module", "policy-p256-by-100", 2), value("module", "plain-p256-by-100", 2), d, d <= 5 ? " ok" : " **above**", difference("policy-p256-by-1", "plain-p256-by-1")
}

# Where the time of a signature goes, from this run's own figures.
function parts(raw, module, log_cost, trip) {
    raw = value("raw", "sign-p256", 2); module = value("module", "sign-p256", 2); trip = value("module", "session", 2) / 2
    log_cost = value("module", "audit-p256", 2) - value("unaudited", "audit-p256", 2)
    if (raw == "" || module == "" || trip == 0) return
    printf "\nWhere the time of a P-256 signature goes (one thread, p50): %.1f us in all = %.1f us in OpenSSL (what raw OpenSSL takes) + %.1f us for the log + %.1f us for all the rest: the way there and back, checks, fresh entropy, wiping. An empty command, its log record included, takes %.1f us.\n", \
        module, raw, log_cost, module - raw - log_cost, trip
}

function bar(y, x, color, wanted, w, note) {
    w = 120 * (x > 4 ? 4 : x)
    note = wanted == "" ? "" : (x >= wanted) ? " (goal " wanted ")" : " (below " wanted ")"
    printf "<rect x=\"230\" y=\"%d\" width=\"%.1f\" height=\"11\" fill=\"%s\"/><text x=\"%.1f\" y=\"%d\">%.2f%s</text>\n", y, w, color, 234 + w, y + 10, x, note > svg
    if (wanted != "" && wanted <= 4) printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#c00\" stroke-width=\"2\"/>\n", 230 + 120 * wanted, y - 1, 230 + 120 * wanted, y + 12 > svg
}
function draw(i, y) {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"860\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", 60 + drawn * 34 > svg
    printf "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/><text x=\"10\" y=\"20\" font-size=\"15\">Edge HSM (isolated daemon) against in-process software, %s</text>\n", date > svg
    printf "<text x=\"10\" y=\"38\" fill=\"#555\">blue: share of raw OpenSSL; orange: times SoftHSM 2, drawn to 4; dashed: 1.0; red: goal</text>\n" > svg
    printf "<line x1=\"350\" y1=\"46\" x2=\"350\" y2=\"%d\" stroke=\"#999\" stroke-dasharray=\"3,3\"/>\n", 50 + drawn * 34 > svg
    for (i = 1; i <= drawn; i++) {
        y = 50 + (i - 1) * 34
        printf "<text x=\"10\" y=\"%d\">%s</text>\n", y + 16, bars[i] > svg
        if (bar_raw[i] != "") bar(y, bar_raw[i], "#3b6fb6", want_raw[i])
        if (bar_peer[i] != "") bar(y + 13, bar_peer[i], "#e08a2e", want_peer[i])
    }
    printf "</svg>\n" > svg
}

END {
    goal4("sign-p256", 0.85, 1.5, 0.70, 1.8); goal4("sign-ed25519", 0.85, 1, "", 1); goal4("sign-rsa2048", 0.85, 1, "", 1); goal4("sign-p384", 0.85, 1, "", 1)
    goal4("gcm-1k", "", 1.0, "", ""); goal4("gcm-64k", "", 1.5, "", "")
    goal("keygen-p256-token", "", 5); goal("session", "", "")
    goal("find", "", 100); goal("start", "", 5); goal("start-pin", "", ""); goal("boot", "", ""); goal("fill", "", "")
    printf "# Speed\n\nMeasured %s at commit %s on %s.\nMedian of %d rounds of %s s; in each round every target runs each case in turn, and ratios are formed inside the round.\n", date, commit, machine, rounds, each
    printf "The module is the isolated daemon under the strict profile: full audit log, key separation and RSA verification before release are on.\n"
    printf "Raw OpenSSL, in the program's own process, does none of that; nor does SoftHSM 2.\n\n"
    printf "| case | module | of raw OpenSSL | of its p50 | times SoftHSM 2 | SoftHSM 2 | p50 us | p99 us |\n|---|---|---|---|---|---|---|---|\n"
    for (i = 1; i <= rows; i++) row(order[i])
    audit()
    shared()
    policy()
    parts()
    printf "\nWhat the last rows mean, with %d objects in the token (their ratios are of times):\n\n", objects
    printf "- find: one search by CKA_ID, in a session that is open.\n"
    printf "- start: what a program waits for before it has its key: C_Initialize, finding the slot, C_OpenSession, the first search by CKA_ID. The module lets this user in by who it is (access by peers), without a PIN; SoftHSM 2 shows private objects after C_Login only, so its figure includes it.\n"
    printf "- start-pin: the same with C_Login by PIN on both sides. The module stretches a PIN for long on purpose; SoftHSM 2 hardly does.\n"
    printf "- boot: from the start of the daemon until it serves, once after the machine's start; SoftHSM 2 has nothing alike, every program reads the token instead.\n"
    printf "- fill: storing all objects, one by one, each durable before the answer.\n"
    printf "- session: C_OpenSession and C_CloseSession, two round trips to the daemon and nothing else.\n"
    printf "\nPeak memory: client of the module %d KiB, of SoftHSM 2 %d KiB (with %d objects: %d and %d KiB); daemon %d KiB.\n", \
        value("module", "sign-p256", 4), value("softhsm", "sign-p256", 4), objects, value("module", "find", 4), value("softhsm", "find", 4), value("daemon", "peak-memory", 1)
    if (missing != "") printf "\nNot measured in this run: %s.\n", missing
    draw()
}
