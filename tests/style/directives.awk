# The page of directives against the code: which directives and variables
# there are, where a directive may stand, and its default where the code says
# it in a number.
# usage: awk -f directives.awk ngx_module/*.c docs/directives.md

function complain(text) {
    print "docs/directives.md: " text
    bad = 1
}

# { ngx_string("name"), masks, setter, …, offset, NULL }
function command(text,    part, name) {
    split(text, part, ",[ ]*")
    if (part[2] !~ /CONF/) { return }
    name = part[1]
    sub(/.*ngx_string\("/, "", name)
    sub(/".*/, "", name)
    masks[name] = part[2]
    setter[name] = part[3]
    if (match(text, /SCRAPE_UPSTREAM\([a-z_]+\)/) \
        || match(text, /offsetof\(ngx_http_scrape_loc_conf_t, [a-z_]+\)/))
    {
        field[name] = substr(text, RSTART, RLENGTH - 1)
        sub(/.*[(. ]/, "", field[name])
    }
}

# ngx_conf_merge_…(conf->field, prev->field, default)
function merge(text,    part, name) {
    split(text, part, ",[ ]*")
    name = part[1]
    sub(/.*conf->/, "", name)
    sub(/^upstream\./, "", name)
    sub(/\);.*/, "", part[3])
    defaults[name] = part[3]
}

function contexts(mask,    list) {
    sub(/NGX_HTTP_SCRAPE_ANYWHERE/,
        "NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF", mask)
    if (mask ~ /HTTP_MAIN_CONF/) { list = list ", http" }
    if (mask ~ /HTTP_UPS_CONF/)  { list = list ", upstream" }
    if (mask ~ /HTTP_SRV_CONF/)  { list = list ", server" }
    if (mask ~ /HTTP_LOC_CONF/)  { list = list ", location" }
    if (mask ~ /HTTP_LIF_CONF/)  { list = list ", if in location" }
    return substr(list, 3)
}

# as nginx writes it; "" when it is no plain number of a known kind
function wanted(name,    value) {
    value = defaults[field[name]]
    if (setter[name] ~ /complex_value/ && value == "NULL") { return "—" }
    if (value !~ /^[0-9]+$/) { return "" }
    if (masks[name] ~ /CONF_FLAG/) { value = value == 1 ? "on" : "off" }
    else if (setter[name] ~ /msec/ && value > 0) {
        value = value % 1000 == 0 ? value / 1000 "s" : value "ms"
    }
    else if (setter[name] ~ /size/ && value > 0 && value % 1024 == 0) {
        value = value / 1024 "k"
        if (value % 1024 == 0) { value = value / 1024 "m" }
    }
    else if (setter[name] !~ /num_slot|msec|size/) { return "" }
    return name " " value ";"
}

FILENAME ~ /\.c$/ {
    if ($0 ~ /\{ ngx_string\("scrape_/) { text = ""; open = 1 }
    if ($0 ~ /^ *ngx_conf_merge_([a-z]+_)?value\(/) { text = ""; open = 2 }
    if (!open) { next }
    line = $0
    sub(/^ */, "", line)
    text = text line
    if (open == 1 && line ~ /\},?$/) {
        if (FILENAME ~ /_variables\.c$/) {
            sub(/.*ngx_string\("/, "", text)
            sub(/".*/, "", text)
            variable["$" text] = 1
        } else {
            command(text)
        }
        open = 0
    }
    if (open == 2 && line ~ /;$/) { merge(text); open = 0 }
    next
}

/^## / { name = $2; if (name ~ /^scrape_/) { page[name] = 1 } }
/^    Default: / && page[name] == 1 {
    said_default[name] = $0
    sub(/^ *Default: */, "", said_default[name])
}
/^    Context: / {
    said_context[name] = $0
    sub(/^ *Context: */, "", said_context[name])
}
/^\| `\$scrape_[a-z_]+` \|/ { split($0, part, "`"); told[part[2]] = 1 }

END {
    for (name in masks) {
        n++
        if (!(name in page)) { complain("lacks " name); continue }
        if (said_context[name] != contexts(masks[name])) {
            complain(name " may stand in \"" contexts(masks[name]) \
                     "\", not in \"" said_context[name] "\"")
        }
        if (wanted(name) != "") {
            checked++
            if (said_default[name] != wanted(name)) {
                complain("the default of " name " is \"" wanted(name) \
                         "\", not \"" said_default[name] "\"")
            }
        }
    }
    for (name in page) {
        if (!(name in masks)) { complain("has " name ", the code has not") }
    }
    for (name in variable) {
        v++
        if (!(name in told)) { complain("lacks " name) }
    }
    for (name in told) {
        if (!(name in variable)) { complain("has " name ", the code has not") }
    }
    if (n == 0 || v == 0 || checked == 0) { complain("nothing in the code") }
    exit bad
}
