# A product page of about 30 KB, the same each time for the same n.
# usage: awk -v n=7 -f page.awk

function pick(list,    words, count) {
    count = split(list, words, " ")
    seed = (seed * 1103515245 + 12345) % 2147483648
    return words[int(seed / 65536) % count + 1]
}

function prose(words,    text, i) {
    for (i = 0; i < words; i++) {
        text = text pick(vocabulary) (i % 17 == 5 ? "&nbsp;" : " ")
    }
    return text
}

BEGIN {
    seed = n + 1
    vocabulary = "light frame durable surface handle quiet motor water clean" \
        " design daily kitchen travel simple robust warm café straße finish" \
        " edge grip battery charge hours device family repair spare part"
    print "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=utf-8>"
    print "<title>Product " n "</title>\n</head>\n<body>\n<nav><ul>"
    for (i = 0; i < 64; i++) {
        print "<li><a href=\"/c/" i "\" title=\"" prose(2) "\">" prose(2) \
            "</a></li>"
    }
    print "</ul></nav>\n<nav class=\"breadcrumb\"><ol>"
    for (i = 0; i < 4; i++) {
        print "<li><a href=\"/b/" i "\">" prose(1) "</a></li>"
    }
    print "</ol></nav>\n<h1 itemprop=\"name\">Product " n "</h1>"
    print "<div id=\"gallery\">"
    for (i = 0; i < 8; i++) {
        print "<img src=\"/img/" n "-" i ".jpg\" alt=\"" prose(3) "\">"
    }
    print "</div>\n<div class=\"offer\"><span itemprop=\"price\">" n ".50" \
        "</span></div>\n<div class=\"rating\" data-rating=\"4.5\"></div>"
    print "<table id=\"specs\">"
    for (i = 0; i < 22; i++) {
        print "<tr><th>" prose(1) "</th><td>" prose(2) "</td></tr>"
    }
    print "</table>"
    for (i = 0; i < 5; i++) {
        print "<p>" prose(95) "</p>"
    }
    print "<section class=\"related\">"
    for (i = 0; i < 40; i++) {
        print "<div class=\"card\"><a href=\"/p/" i "\"><img src=\"/t/" i \
            ".jpg\" alt=\"\"><span>" prose(4) "</span></a><b>" i ".90</b></div>"
    }
    print "</section>\n<section class=\"reviews\">"
    for (i = 0; i < 11; i++) {
        print "<article><h3>" prose(4) "</h3><p>" prose(40) "</p></article>"
    }
    print "</section>\n<script>var data = ["
    for (i = 0; i < 60; i++) {
        print "{\"id\":" i ",\"k\":\"" pick(vocabulary) "\",\"v\":0." i "},"
    }
    print "];</script>\n</body>\n</html>"
}
