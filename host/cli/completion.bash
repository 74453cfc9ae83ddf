# SPDX-License-Identifier: Apache-2.0
# bash completion of edgehsm: verbs, words, options, names of keys where no PIN is asked for.

_edgehsm_keys() {
    # a descriptor at its end instead of a PIN: nothing is asked, nothing is tried
    edgehsm key list --json --pin-fd 0 2>/dev/null </dev/null |
        sed -n 's/^ *"name": *"\(.*\)",*$/\1/p' | sort -u
}

_edgehsm_words() { # VERB WORD: the options of a verb
    local common="--module --token --pin-file --pin-fd --so-pin-file --json --help"
    local rules="--profile --access --peer --verify-signatures --durable-log --log-each"
    case "$1 $2" in
    "init "*) echo "--label --form --chip --state $rules $common" ;;
    "status "*) echo "--mechanisms $common" ;;
    "key new") echo "--type --usage --limit --policy --csr --subject --san $common" ;;
    "key show") echo "--pem $common" ;;
    "key import") echo "--type --usage --passphrase-file $common" ;;
    "key csr") echo "--out --subject --san $common" ;;
    "key cert") echo "--out $common" ;;
    "key lease") echo "--device --unique-id --sequence --uses --time --out $common" ;;
    "key delete" | "zeroize "*) echo "--confirm $common" ;;
    "sign "*) echo "--key --out --message --hash --pss $common" ;;
    "verify "*) echo "--key --hash --pss $common" ;;
    "log show") echo "--count --all $common" ;;
    "last-error "*) echo "--count $common" ;;
    "alarms "*) echo "--follow --syslog --metrics $common" ;;
    "log verify") echo "--key --since $common" ;;
    "log export") echo "--release $common" ;;
    "approve show") echo "--out --policy $common" ;;
    "approve sign") echo "--key --out --assertion --confirm $common" ;;
    "approve make-roles") echo "--member --passkey --role --needs --release --out $common" ;;
    "policy explain") echo "--time --approval $common" ;;
    "policy replay") echo "--old --key --log --log-key $common" ;;
    "policy compile") echo "--out $common" ;;
    "time ask") echo "--out $common" ;;
    "time sign") echo "--key --out $common" ;;
    "token pin") echo "--reset --officer --new-pin-file $common" ;;
    "token set") echo "$rules $common" ;;
    *) echo "$common" ;;
    esac
}

_edgehsm_value() { # OPTION: what may follow it; fails where it takes no value
    case $1 in
    --profile) echo "strict compatible" ;;
    --access) echo "peers pin" ;;
    --form) echo "process chip" ;;
    --verify-signatures | --durable-log) echo "on off" ;;
    --usage) echo "sign decrypt encrypt derive wrap" ;;
    --hash) echo "sha256 sha384 sha512 sha224 sha3-256 sha3-384 sha3-512" ;;
    --type)
        echo "p256 p384 p521 ed25519 x25519 rsa2048 rsa3072 rsa4096 aes128 aes192 aes256 chacha20" \
            "hmac256 hmac512"
        ;;
    --peer) compgen -u -P user: && compgen -g -P group: ;;
    -k | --key) _edgehsm_keys ;;
    *) return 1 ;;
    esac
}

_edgehsm() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb= word= i
    local verbs="init status doctor key sign verify log alarms policy approve time token snippet last-error zeroize help"
    COMPREPLY=()
    # bash splits at ":", so that "user:x" are three words
    [ "$current" = ":" ] && current=
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --module | --token | --pin-file | --pin-fd | --so-pin-file) ((i++)) ;;
        -*) ;;
        *) if [ -z "$verb" ]; then verb=${COMP_WORDS[i]}; elif [ -z "$word" ]; then word=${COMP_WORDS[i]}; fi ;;
        esac
    done
    local values
    if values=$(_edgehsm_value "$previous"); then
        COMPREPLY=($(compgen -W "$values" -- "$current"))
        return
    fi
    case $previous in
    --*-file | --csr | --out | -o | --pem | --syslog | --metrics)
        COMPREPLY=($(compgen -f -- "$current"))
        return
        ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$(_edgehsm_words "$verb" "$word")" -- "$current"))
        return
    fi
    case "$verb $word" in
    " ") COMPREPLY=($(compgen -W "$verbs" -- "$current")) ;;
    "help ") COMPREPLY=($(compgen -W "$verbs" -- "$current")) ;;
    "key ") COMPREPLY=($(compgen -W "new list show import csr cert policy limit lease renew suspend resume delete" -- "$current")) ;;
    "log ") COMPREPLY=($(compgen -W "show verify export" -- "$current")) ;;
    "policy ") COMPREPLY=($(compgen -W "check test explain diff replay compile" -- "$current")) ;;
    "time ") COMPREPLY=($(compgen -W "show ask sign set" -- "$current")) ;;
    "token ") COMPREPLY=($(compgen -W "list pin set" -- "$current")) ;;
    "snippet ") COMPREPLY=($(compgen -W "nginx curl ssh openssl keyfile java mosquitto" -- "$current")) ;;
    "key show" | "key csr" | "key cert" | "key policy" | "key limit" | "key suspend" | "key resume" | "key delete" | "snippet "*)
        COMPREPLY=($(compgen -W "$(_edgehsm_keys)" -- "$current") $(compgen -f -- "$current"))
        ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
    esac
}

complete -o filenames -F _edgehsm edgehsm
