# The layout of the house, which is nginx's. Prints file:line: what is wrong.
# usage: awk -f format.awk FILE.c FILE.h …

function bad(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what
    found = 1
}

FNR == 1 {
    blank = 0
    comment = 0
    header = FILENAME ~ /\.h$/
    if ($0 != "" && FILENAME !~ /\.def$/) {
        bad("a file begins with a blank line")
    }
}

{ line = $0 }

length(line) > 79       { bad("longer than 79 columns") }
line ~ /\t/             { bad("a tab") }
line ~ /[ \r]$/         { bad("blank at the end of the line") }

line == "" {
    blank++
    if (blank > 2) {
        bad("more than two blank lines")
    }
    next
}

# what is inside comments and strings does not count below
{
    code = line
    gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
    gsub(/'([^'\\]|\\.)*'/, "' '", code)
    gsub(/\/\*([^*]|\*[^\/])*\*\//, "", code)
    if (comment) {
        if (code ~ /\*\//) {
            sub(/^.*\*\//, "", code)
            comment = 0
        } else {
            code = ""
        }
    }
    if (code ~ /\/\*/) {
        sub(/\/\*.*$/, "", code)
        comment = 1
    }
    if (line ~ /\*\// && code ~ /^[ ]*$/ && !comment) {
        code = ""
    }
}

code ~ /(^|[^:])\/\//                   { bad("a // comment") }
code ~ /(^|[ (])(if|for|while|switch)\(/ { bad("no space before (") }
code ~ /\)\{/                           { bad("no space before {") }
code ~ /(^|[^a-z_])(if|for|while) \(.*\);$/ && code !~ /while \(.*\);$/ \
    && code ~ /^ *if / && code !~ /\)[^;]*;[^;]*;/ {
    bad("a statement without braces")
}
code ~ /^ *else( |$)/                   { bad("else on a line of its own") }
code ~ /^ / && code !~ /^ *[*]/ && prev_code ~ /[{}]$/ {
    match(code, /^ */)
    if (RLENGTH % 4 != 0 && !header && FILENAME !~ /\.def$/) {
        bad("indented by " RLENGTH " spaces")
    }
}

# a function: its name at column 0, its type on the line above
code ~ /^[a-z_][a-zA-Z0-9_]*\(/ && !header && code !~ /;$/ {
    if (prev !~ /^[a-z_][a-zA-Z0-9_ *]*$/ && prev !~ /^#|^START_TEST/ \
        && code !~ /^(SETTING|STATEMENT|SQL|__attribute__)/) {
        bad("the return type stands on the line above the name")
    }
}
code ~ /^(static |const |unsigned )*[a-z_]+[a-z_0-9 ]*[ *][a-z_0-9]+\(.*\)? *\{$/ {
    bad("the brace of a function stands on a line of its own")
}

# two blank lines between functions
prev == "}" && blank != 2 && prev_file == FILENAME && line !~ /^#/ \
    && line !~ /^END_TEST/ {
    bad("a function is followed by two blank lines")
}

{
    prev = line
    prev_code = code
    prev_file = FILENAME
    blank = 0
}

END { exit found }
