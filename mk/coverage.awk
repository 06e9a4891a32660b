# What gcov says of each file, summed up by room: the folder below sidecar and
# common, ngx_module as a whole.

function done(key, percent, of) {
    sum[room, key] += of
    hit[room, key] += percent * of / 100
    sum["all", key] += of
    hit["all", key] += percent * of / 100
}

function room_of(path,   part) {
    split(path, part, "/")

    if (part[1] == "sidecar" && part[3] != "") {
        return part[1] "/" part[2]
    }

    if (part[1] == "common" && part[3] != "") {
        return part[1] "/" part[2]
    }

    return part[1]
}

function number(text,   part) {
    split(text, part, ":")
    sub("%", "", part[2])

    return part[2] + 0
}

function share(key, name) {
    return sum[name, key] ? 100 * hit[name, key] / sum[name, key] : 100
}

function tell(name) {
    printf "{\"room\":\"%s\",\"lines\":%d,\"reached\":%.1f,", name, \
           sum[name, "lines"], share("lines", name)
    printf "\"branches\":%d,\"taken\":%.1f}\n", sum[name, "branches"], \
           share("branches", name)
}

/^Function / {
    name = $2
    gsub("'", "", name)
    inside = 1
    next
}

/^File / {
    path = $2
    gsub("'", "", path)

    if (index(path, top) == 1) {
        path = substr(path, length(top) + 1)
    }

    inside = counted = 0
    room = path ~ /^(sidecar|common|ngx_module)\/.*\.c$/ ? room_of(path) : ""

    if (room != "" && !(room in rooms)) {
        rooms[room] = ++n
        names[n] = room
    }

    if (room != "") {
        for (i = 1; i <= pending; i++) {
            print path ": " never[i] > unreached
        }
    }

    pending = 0
    next
}

# those of headers are of no file here
/^Lines executed/ && inside {
    if (number($0) == 0 && $0 !~ /of 0$/ && name !~ /^(json_|_curl_)/) {
        never[++pending] = name
    }

    next
}

# once, as gcov ends with a sum of its own
/^Lines executed/ && room != "" && !counted {
    done("lines", number($0), $NF)
    counted = 1
}

/^Taken at least once/ && !inside && room != "" {
    done("branches", number($0), $NF)
}
/^$/ { inside = 0 }

END {
    for (i = 1; i <= n; i++) {
        tell(names[i])
    }

    tell("all")
}
