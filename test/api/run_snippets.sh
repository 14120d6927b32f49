#!/usr/bin/env bash
# Runs the published documentation's snippets against a server of its own: run_snippets.sh CHATIFIX. A language whose tool is missing or too old is left out, and said so.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap '[ -z "${server:-}" ] || kill "$server"; wait; rm -rf "$folder"' EXIT
/usr/bin/python3 -B -c 'import sys; sys.path.insert(0, "test/api"); import fixtures; open(sys.argv[1], "wb").write(fixtures.pdf([["Company FAQ", "We open at nine."]]))' "$folder/company_faq.pdf"
"$program" serve --listen 127.0.0.1:0 --data "$folder/data" > "$folder/out" 2> "$folder/log" &
server=$!
for _ in $(seq 100); do grep -q '^listening on' "$folder/out" && break; sleep 0.05; done
base=$(sed -n 's/^listening on //p' "$folder/out")
languages="curl python"
if [ "$(node -p 'typeof File' 2>/dev/null)" = function ]; then languages="$languages node"; else echo "node: left out, version 20 or newer is needed"; fi
if command -v mcs > /dev/null; then languages="$languages csharp"; else echo "csharp: left out, there is no mcs"; fi
# shellcheck disable=SC2086
BASE=$base FILE=$folder/company_faq.pdf PATH="/usr/bin:$PATH" ../shared/seed/run-snippets $languages || { tail -n 20 "$folder/log"; exit 1; }
