#!/usr/bin/env bash
# Check the paths in COPYDESK_PATHS, one in each line. Write annotations, a job summary and SARIF.
# Exit with the code of copydesk. Written for bash 3.2, the version on macOS.
set -euo pipefail

words=()
while IFS= read -r line; do
    [[ -z "${line//[[:space:]]/}" ]] || words+=("$line")
done <<<"${COPYDESK_ARGUMENTS:-}"
words+=(--)
while IFS= read -r line; do
    [[ -z "${line//[[:space:]]/}" ]] || words+=("$line")
done <<<"${COPYDESK_PATHS:?no paths to check}"
sarif=${COPYDESK_SARIF:-copydesk.sarif}
# a line break could add outputs to the step
if [[ $sarif == *$'\n'* || $sarif == *$'\r'* ]]; then
    echo "copydesk: the name of the SARIF file has a line break" >&2
    exit 2
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

status=0
copydesk check --format github --format "sarif=$sarif" --format "markdown=$folder/summary.md" "${words[@]}" || status=$?
if [[ -e "$folder/summary.md" ]]; then
    [[ -z "${GITHUB_STEP_SUMMARY:-}" ]] || cat "$folder/summary.md" >>"$GITHUB_STEP_SUMMARY"
    [[ -z "${GITHUB_OUTPUT:-}" ]] || printf 'sarif=%s\n' "$sarif" >>"$GITHUB_OUTPUT"
fi
exit "$status"
