#!/bin/sh
# Installs what a machine of a cluster needs: the dependencies in the versions that the tests ran with, and the
# launcher `thesis`. Not the code: that is sent with each job, so it is never stale.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
wanted=$(mktemp)
python3 -c "
import sys, tomllib
project = tomllib.load(open(sys.argv[1], 'rb'))['project']
print('\n'.join(project['dependencies'] + [
    package for extra in ('demo', 'postgres') for package in project['optional-dependencies'][extra]
]))
" "$root/pyproject.toml" > "$wanted"
python3 -m pip install --no-cache-dir --constraint "$root/constraints.txt" --requirement "$wanted"
rm "$wanted"
install -m 755 "$root/clusters/bin/thesis" "$(python3 -c 'import sysconfig; print(sysconfig.get_path("scripts"))')/thesis"
