# SPDX-License-Identifier: Apache-2.0
# Makes the table of ratios (Markdown, to standard output) and a picture (SVG, to the file in `svg`) out of bench/bench.sh's
# lines. Ratios are formed inside each round and their median is shown.

function median(list, n, i, j, t, sorted) {
    for (i = 1; i <= n; i++) sorted[i] = list[i]
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && sorted[j - 1] > sorted[j]; j--) { t = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = t }
    return n == 0 ? "" : (n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2)
}
function key(target, name) { return target SUBSEP name }
function value(target, name, field, n, i, list) {
    n = count[key(target, name)]
    for (i = 1; i <= n; i++) list[i] = data[target, name, i, field]
    return median(list, n)
}
function ratio(a, b, name, inverse, n, m, i, list) {
    n = count[key(a, name)]; m = count[key(b, name)]
    if (m < n) n = m
    for (i = 1; i <= n; i++) list[i] = inverse ? data[b, name, i, 1] / data[a, name, i, 1] : data[a, name, i, 1] / data[b, name, i, 1]
    return median(list, n)
}
function show(x, digits) { return x == "" ? "-" : sprintf("%." digits "f", x) }
function count_of(x) { return x == "" ? "-" : sprintf("%d", x) }

{
    name = $2 (($3 > 1) ? ", " $3 " threads" : "") (($4 > 1) ? ", " $4 " processes" : "")
    n = ++count[key($1, name)]
    data[$1, name, n, 1] = $5; data[$1, name, n, 2] = $6; data[$1, name, n, 3] = $7; data[$1, name, n, 4] = $8
}

function goal(name, to_raw, to_peer) { goals[name] = to_raw SUBSEP to_peer; order[++rows] = name }
function met(r, wanted) { return wanted == "" ? "" : (r == "" ? " (no peer)" : (r >= wanted ? " ok" : " below " wanted)) }

function row(name, part, to_raw, to_peer, inverse) {
    split(goals[name], part, SUBSEP)
    inverse = name ~ /^(find|start|fill)$/
    to_raw = ratio("module", "raw", name, 0)
    to_peer = ratio("module", "softhsm", name, inverse)
    if (value("module", name, 1) == "") return
    printf "| %s | %s | %s%s | %s%s | %s | %s |\n", name, inverse ? show(value("module", name, 1) * 1e6, 1) " us" : count_of(value("module", name, 1)) "/s", \
        show(to_raw, 2), met(to_raw, part[1]), show(to_peer, to_peer >= 10 ? 0 : 2), met(to_peer, part[2]), \
        inverse ? "-" : show(value("module", name, 2), 1), inverse ? "-" : show(value("module", name, 3), 1)
    bars[++drawn] = name; bar_raw[drawn] = to_raw; bar_peer[drawn] = to_peer
}

function draw(i, y, w) {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", 60 + drawn * 34 > svg
    printf "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/><text x=\"10\" y=\"20\" font-size=\"15\">Edge HSM (isolated daemon) against in-process software, %s</text>\n", date > svg
    printf "<text x=\"10\" y=\"38\" fill=\"#555\">blue: share of raw OpenSSL; orange: times SoftHSM 2, to 4; line at 1.0</text>\n" > svg
    for (i = 1; i <= drawn; i++) {
        y = 50 + (i - 1) * 34
        printf "<text x=\"10\" y=\"%d\">%s</text>\n", y + 16, bars[i] > svg
        if (bar_raw[i] != "") printf "<rect x=\"230\" y=\"%d\" width=\"%.1f\" height=\"11\" fill=\"#3b6fb6\"/><text x=\"%.1f\" y=\"%d\">%.2f</text>\n", y, 120 * (bar_raw[i] > 4 ? 4 : bar_raw[i]), 234 + 120 * (bar_raw[i] > 4 ? 4 : bar_raw[i]), y + 10, bar_raw[i] > svg
        if (bar_peer[i] != "") { w = 120 * (bar_peer[i] > 4 ? 4 : bar_peer[i]); printf "<rect x=\"230\" y=\"%d\" width=\"%.1f\" height=\"11\" fill=\"#e08a2e\"/><text x=\"%.1f\" y=\"%d\">%.2f</text>\n", y + 13, w, 234 + w, y + 23, bar_peer[i] > svg }
    }
    printf "<line x1=\"350\" y1=\"46\" x2=\"350\" y2=\"%d\" stroke=\"#999\" stroke-dasharray=\"3,3\"/></svg>\n", 50 + drawn * 34 > svg
}

END {
    goal("sign-p256", 0.85, 1.5); goal("sign-p256, 2 threads", "", ""); goal("sign-p256, 8 threads", 0.70, 1.8); goal("sign-p256, 8 processes", "", "")
    goal("sign-ed25519", 0.85, 1); goal("sign-rsa2048", 0.85, 1); goal("sign-p384", 0.85, 1)
    goal("gcm-1k", "", 1.0); goal("gcm-64k", "", 1.5); goal("keygen-p256-token", "", 5); goal("session", "", "")
    goal("find", "", 100); goal("start", "", 5); goal("fill", "", "")
    printf "# Speed\n\nMeasured %s at commit %s on %s.\nMedian of %d rounds; in each round every target runs each case in turn, and ratios are formed inside the round.\n", date, commit, machine, rounds
    printf "The module is the isolated daemon under the strict profile: full audit log, key separation and RSA verification before release are on.\n\n"
    printf "| case | module | of raw OpenSSL | times SoftHSM 2 | p50 us | p99 us |\n|---|---|---|---|---|---|\n"
    for (i = 1; i <= rows; i++) row(order[i])
    printf "\nfind: one search by CKA_ID among the objects; start: from C_Initialize to the first login; fill: storing all objects. Their ratios are of times.\n"
    printf "Peak memory: client of the module %d KiB, of SoftHSM 2 %d KiB; daemon %d KiB.\n", value("module", "sign-p256", 4), value("softhsm", "sign-p256", 4), value("daemon", "peak-memory", 1)
    draw()
}
