#!/usr/bin/env bash
# Installs what is missing on this machine, and nothing else: `bash provisioning/setup.sh run|test`.
#
#   run   what `make run` and `make demo` need: mosquitto, a simulated TPM, espeak-ng, Node, the virtual environment, page
#         assets, models
#   test  and what `make test` needs besides: a browser, fonts for Hindi and Urdu, the MicroPython stubs
#
# Every step is done once: a stamp in var/setup says for which lock file. apt is only asked for what is not there.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly PURPOSE="${1:-run}"
readonly VENV=.venv
readonly STAMPS=var/setup
readonly PATH_WITH_SBIN="$PATH:/usr/sbin:/usr/local/sbin:/sbin"
readonly LOOK_ONLINE='check the network (and the proxy or mirror in your pip, npm or apt settings), then run again'

mkdir -p "$STAMPS"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$1"
  say "  remedy: $2"
  exit 1
}

# step WHAT REMEDY COMMAND...: run it with a running clock on a terminal; on failure show its last lines and the remedy.
step() {
  local what="$1" remedy="$2" log began=$SECONDS
  log="$STAMPS/$(tr -c 'a-z0-9\n' '-' <<<"${what,,}").log"
  shift 2
  set -m # the step gets a process group, so that Ctrl-C can end all of it
  "$@" >"$log" 2>&1 </dev/null &
  local pid=$!
  set +m
  trap "kill -- -$pid 2>/dev/null; exit 130" INT TERM HUP
  while [[ -t 2 ]] && kill -0 "$pid" 2>/dev/null; do
    printf '\r… %s  %d s' "$what" "$((SECONDS - began))" >&2
    sleep 0.2
  done
  if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
  if ! wait "$pid"; then
    tail -n 5 "$log" | sed 's/^/    /' >&2
    fail "failed: $what (all of it in $log)" "$remedy"
  fi
  trap - INT TERM HUP
  say "✓ $what  $((SECONDS - began)) s"
}

# once NAME KEY WHAT REMEDY COMMAND...: a step that is done again only when KEY changes.
once() {
  local stamp="$STAMPS/$1" key="$2"
  shift 2
  if [[ -f "$stamp" && "$(<"$stamp")" == "$key" ]]; then return; fi
  step "$@"
  printf '%s' "$key" >"$stamp"
}

hash_of() { cat "$@" | sha256sum | cut -c1-64; }

has() { PATH="$PATH_WITH_SBIN" command -v "$1" >/dev/null 2>&1; }

# --- the system's packages -------------------------------------------------------------------------------------------

node_is_good() {
  has node && has npm && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null
}

font_for() { has fc-list && [[ -n "$(fc-list ":lang=$1" family 2>/dev/null | grep -i noto)" ]]; }

missing_packages() {
  has mosquitto || echo mosquitto
  has mosquitto_sub || echo mosquitto-clients
  has swtpm || echo swtpm
  has tpm2_unseal || echo tpm2-tools
  has espeak-ng || echo espeak-ng
  node_is_good || echo nodejs npm
  [[ $HOSTTYPE == x86_64 ]] || has micropython || echo micropython # no wheel of it for ARM
  if [[ ! -x $VENV/bin/python ]] && ! "$1" -c 'import ensurepip, venv' 2>/dev/null; then echo python3-venv; fi
  is_raspberry_pi && ! /usr/bin/python3 -c 'import picamera2' 2>/dev/null && echo python3-picamera2
  if [[ "$PURPOSE" == test ]]; then
    has chromium || has chromium-browser || has google-chrome || echo chromium
    { font_for hi && font_for ur; } || echo fonts-noto-core fontconfig
  fi
  return 0
}

is_raspberry_pi() { [[ -r /proc/device-tree/model ]] && grep -qai 'raspberry pi' /proc/device-tree/model; }

as_root() {
  if [[ $EUID -eq 0 ]]; then env DEBIAN_FRONTEND=noninteractive "$@"; else sudo env DEBIAN_FRONTEND=noninteractive "$@"; fi
}

apt_install() {
  as_root apt-get update -q && as_root apt-get install -q -y --no-install-recommends "$@"
}

install_packages() {
  local packages
  read -r -a packages <<<"$(missing_packages "$1" | tr '\n' ' ')"
  [[ ${#packages[@]} -eq 0 ]] && return
  has apt-get || fail "missing: ${packages[*]}" 'install them with your package manager (these are their names in Debian), then run again'
  if [[ $EUID -ne 0 ]]; then
    has sudo || fail "missing: ${packages[*]}" "as root: apt-get install ${packages[*]}"
    say "installing ${packages[*]}: sudo may ask for your password"
    sudo -v || fail 'sudo was refused' "as root: apt-get install ${packages[*]}"
  fi
  step "system packages (${packages[*]})" "$LOOK_ONLINE; or by hand: apt-get install ${packages[*]}" apt_install "${packages[@]}"
  hash -r
  read -r -a packages <<<"$(missing_packages "$1" | tr '\n' ' ')"
  [[ ${#packages[@]} -eq 0 ]] || fail "installed, but still missing or too old: ${packages[*]}" \
    'this system is too old for Aangan: it needs Node 18, mosquitto 2 and Python 3.11, and on ARM MicroPython'
}

# --- Python ----------------------------------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local name
  # On a Raspberry Pi picamera2 comes from apt, so the virtual environment must stand on the system's own Python.
  if is_raspberry_pi && is_new_enough /usr/bin/python3; then echo /usr/bin/python3; return; fi
  for name in ${PYTHON:-} python3.11 python3.13 python3.12 python3; do
    if has "$name" && is_new_enough "$name"; then command -v "$name"; return; fi
  done
  fail 'no Python 3.11 or newer was found' 'install one (Debian: apt-get install python3 python3-venv), or name it: make setup PYTHON=/path/to/python3'
}

make_venv() {
  [[ -x $VENV/bin/python ]] && is_new_enough $VENV/bin/python && $VENV/bin/python -m pip --version >/dev/null 2>&1 && return
  local options=(--clear)
  is_raspberry_pi && options+=(--system-site-packages)
  rm -f "$STAMPS/python-packages"
  step 'virtual environment' 'remove .venv, and see that the python3-venv package is installed' "$1" -m venv "${options[@]}" $VENV
}

python_packages() {
  $VENV/bin/python -m pip install --disable-pip-version-check --require-hashes -r requirements/dev.txt
}

micropython_stubs() {
  rm -rf var/typings
  $VENV/bin/python -m pip install --disable-pip-version-check --require-hashes --target var/typings -r requirements/micropython-stubs.txt
}

# --- page assets and models ------------------------------------------------------------------------------------------

page_sources() { find package.json package-lock.json server/phone -path '*/dist' -prune -o -type f -print | LC_ALL=C sort; }

page_assets() { npm ci --no-fund --no-audit && npm run build; }

models() { $VENV/bin/python -m models fetch; }

# What a stamp cannot know: that somebody deleted the thing itself.
forget_stamps_of_what_is_gone() {
  [[ -f server/web/static/built/phone/app.js && -f edge/kiosk/static/built/htmx.min.js ]] || rm -f "$STAMPS/page-assets"
  [[ -d node_modules ]] || rm -f "$STAMPS/page-assets"
  compgen -G 'var/models/*.tflite' >/dev/null && compgen -G 'var/faces/*' >/dev/null || rm -f "$STAMPS/models"
  [[ -d var/typings/rp2 ]] || rm -f "$STAMPS/micropython-stubs"
}

main() {
  local python
  case "$PURPOSE" in run | test) ;; *) fail "no purpose '$PURPOSE'" 'setup.sh run, or setup.sh test' ;; esac
  forget_stamps_of_what_is_gone
  if [[ -x $VENV/bin/python ]]; then python=$VENV/bin/python; else python="$(find_python)"; fi
  install_packages "$python"
  make_venv "$python"
  once python-packages "$($VENV/bin/python -V) $(hash_of requirements/dev.txt)" \
    'Python packages' "$LOOK_ONLINE" python_packages
  # shellcheck disable=SC2046 # our own file names hold no spaces
  once page-assets "$(hash_of $(page_sources))" 'page assets' "$LOOK_ONLINE" page_assets
  once models "$(hash_of models/manifest.toml)" 'TFLite models and portraits' "$LOOK_ONLINE" models
  if [[ "$PURPOSE" == test ]]; then
    once micropython-stubs "$(hash_of requirements/micropython-stubs.txt)" \
      'MicroPython stubs' "$LOOK_ONLINE" micropython_stubs
  fi
}

main
