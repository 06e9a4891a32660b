# bash completion for scrapectl

_scrapectl() {
    local cur prev word command="" common options="" i
    local commands="check extract submit get watch export sql rulesets"

    COMPREPLY=()
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD - 1]}
    common="--gateway --user --header --json --quiet --help --version"

    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ " $commands " == *" $word "* ]]; then
            command=$word
            break
        fi
    done

    case $prev in
    --gateway | -g | --user | --header | --url | --type)
        return
        ;;
    --file | --store)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --format)
        mapfile -t COMPREPLY < <(compgen -W "json ndjson csv" -- "$cur")
        return
        ;;
    --return)
        mapfile -t COMPREPLY < <(compgen -W "links meta jsonld microdata \
            headers text markdown raw follow sketch" -- "$cur")
        return
        ;;
    esac

    case $command in
    "") options="" ;;
    check) options="--canonical" ;;
    extract)
        options="--explain --url --type --return --html5 --compact"
        ;;
    submit) options="--file --return" ;;
    get) options="--compact" ;;
    watch) options="" ;;
    export) options="--format" ;;
    sql) options="--store --csv" ;;
    rulesets) options="--compact" ;;
    esac

    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$common $options" -- "$cur")
    elif [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
    elif [[ $command == rulesets && $prev == rulesets ]]; then
        mapfile -t COMPREPLY < <(compgen -W "list get put delete" -- "$cur")
    elif [[ $command == @(check|extract|submit|rulesets) ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}

complete -o filenames -o bashdefault -F _scrapectl scrapectl
