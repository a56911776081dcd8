# Shared by up, test and check: a Python of our own in .venv, Pango, Chromium.
# Each "need" climbs the same ladder: is it there? apt as root, apt by sudo without a
# password, brew, a private unpack of the distribution's own packages, else stop and
# say the exact command. Nothing ever asks a question and nothing is skipped silently.
# shellcheck shell=sh

set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd -P)
STATE=$ROOT/.state
NATIVE=$STATE/native
PORTICO_STARTED_AT=${PORTICO_STARTED_AT:-$(date +%s)}
export PORTICO_STARTED_AT
# Without bytecode every one of our many processes would start twice as slowly.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH || true
cd "$ROOT"
umask 022
# 0711 and not 0700: as root, PostgreSQL runs as another account and must pass through.
mkdir -p "$STATE" && chmod 711 "$STATE"

say() { printf '==> [%3ss] %s\n' "$(($(date +%s) - PORTICO_STARTED_AT))" "$*"; }
die() { printf '\n%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command with its output in a log; shows the end of that log if it fails.
quietly() {
    log=$STATE/$1.log
    shift
    if "$@" >"$log" 2>&1; then return 0; fi
    tail -n 30 "$log" >&2
    return 1
}

root_prefix() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif have sudo && sudo -n true 2>/dev/null; then
        echo "sudo -n"
    else
        return 1
    fi
}

apt_try() {
    # shellcheck disable=SC2086  # the prefix is one or two words
    $prefix env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"
}

# The package lists are fetched only if the first try fails: mostly they are there.
apt_install() {
    have apt-get || return 1
    prefix=$(root_prefix) || return 1
    say "installing $* (apt)"
    apt_try install -y -q --no-install-recommends "$@" >"$STATE/apt.log" 2>&1 && return 0
    apt_try update -q >>"$STATE/apt.log" 2>&1 || true
    apt_try install -y -q --no-install-recommends "$@" >>"$STATE/apt.log" 2>&1
}

brew_install() {
    have brew || return 1
    say "installing $* (brew)"
    quietly brew brew install -q "$@"
}

# Debian's own signed packages, unpacked under .state/native without being installed.
private_unpack() {
    have apt-get && have dpkg-deb || return 1
    say "unpacking $* under .state/native (no root, no sudo)"
    apt=$NATIVE/apt
    rm -rf "$apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"
    cat >"$apt/apt.conf" <<CONF
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
Debug::NoLocking "true";
CONF
    (
        export APT_CONFIG="$apt/apt.conf"
        cd "$apt/debs"
        apt-get update -q >"$STATE/apt.log" 2>&1 || true
        wanted=$(apt-get -s install --no-install-recommends "$@" 2>>"$STATE/apt.log" |
            awk '/^Inst /{print $2}')
        [ -n "$wanted" ] || exit 1
        # shellcheck disable=SC2086  # a list of package names
        apt-get download -q $wanted >>"$STATE/apt.log" 2>&1 || exit 1
        for deb in *.deb; do dpkg-deb -x "$deb" "$NATIVE" || exit 1; done
    ) || return 1
    rm -rf "$apt"
    use_native
}

# Puts what was unpacked privately on the loader's path, and gives fontconfig a
# configuration that also names the fonts which were unpacked.
use_native() {
    [ -d "$NATIVE" ] || return 0
    for dir in "$NATIVE"/usr/lib/*-linux-gnu* "$NATIVE"/lib/*-linux-gnu* "$NATIVE"/usr/lib/*-linux-gnu*/pulseaudio; do
        [ -d "$dir" ] && LD_LIBRARY_PATH="$dir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    done
    [ -z "${LD_LIBRARY_PATH:-}" ] || export LD_LIBRARY_PATH
    if [ -d "$NATIVE/usr/share/fonts" ] && [ -z "${FONTCONFIG_FILE:-}" ]; then
        cat >"$NATIVE/fonts.conf" <<CONF
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>$NATIVE/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>$NATIVE/fonts.cache</cachedir></fontconfig>
CONF
        export FONTCONFIG_FILE="$NATIVE/fonts.conf"
    fi
}

# ---- Python and the pinned packages --------------------------------------------------

# "command -v" is not enough: a pyenv shim exists for versions that are not installed.
python_is_new() { "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Debian splits ensurepip off.
python_works() { python_is_new "$1" && "$1" -c 'import ensurepip' >/dev/null 2>&1; }

# find_python CHECK: the first Python that passes it.
find_python() {
    for python in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python3.14; do
        if "$1" "$python"; then echo "$python"; return 0; fi
    done
    return 1
}

need_python() {
    find_python python_works >/dev/null && return 0
    apt_install python3 python3-venv && find_python python_works >/dev/null && return 0
    apt_install python3.11 python3.11-venv && find_python python_works >/dev/null && return 0
    brew_install python@3.13 && find_python python_works >/dev/null && return 0
    # Only pip is missing then, and pip runs from its wheel.
    find_python python_is_new >/dev/null && private_unpack python3-pip-whl && return 0
    die "Portico needs Python 3.11 or newer with venv. Install it and start again:
  Debian, Ubuntu:  sudo apt-get install python3 python3-venv
  macOS:           brew install python@3.13"
}

make_venv() {
    if python=$(find_python python_works); then
        "$python" -m venv .venv
    else
        "$(find_python python_is_new)" -m venv --without-pip .venv
    fi
}

# pip from Debian's own wheel, which it keeps for making venvs.
pip_from_wheel() {
    [ -d "$NATIVE/usr/share/python-wheels" ] || private_unpack python3-pip-whl || return 1
    for wheel in "$NATIVE"/usr/share/python-wheels/pip-*.whl; do
        .venv/bin/python "$wheel/pip" install --no-index --disable-pip-version-check "$wheel"
    done
}

need_pip() {
    for way in true ".venv/bin/python -m ensurepip" pip_from_wheel; do
        $way && .venv/bin/python -m pip --version && return 0
    done
    return 1
}

# Stamped last, so that an interrupted installation is never taken for a whole one. The
# checkout's path is in the stamp because the scripts inside .venv contain it.
bootstrap() {
    stamp="$(cat requirements-dev.txt infra/uv.txt infra/build-constraints.txt | cksum) $ROOT"
    if [ "$(cat .venv/.stamp 2>/dev/null)" = "$stamp" ] && python_is_new .venv/bin/python; then
        use_native
        return 0
    fi
    case "$(cat .venv/.stamp 2>/dev/null)" in '' | *" $ROOT") ;; *) rm -rf .venv ;; esac
    python_is_new .venv/bin/python || rm -rf .venv
    if [ ! -d .venv ]; then
        need_python
        say "creating .venv with $("$(find_python python_is_new)" --version 2>&1)"
        quietly bootstrap make_venv || die "Could not create .venv, see .state/bootstrap.log."
    fi
    rm -f .venv/.stamp
    say "installing uv"
    quietly bootstrap need_pip || die "Could not install pip, see .state/bootstrap.log."
    quietly bootstrap .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r infra/uv.txt ||
        die "Could not install uv, see .state/bootstrap.log."
    say "installing $(grep -c '^[A-Za-z0-9].*==' requirements-dev.txt) pinned packages"
    uv_settings=$(.venv/bin/python infra/tooling/stack/pip_settings.py)
    eval "$uv_settings"
    [ -w "${HOME:-/nonexistent}" ] || export UV_CACHE_DIR="$STATE/uv-cache"
    quietly bootstrap .venv/bin/uv pip sync --python .venv/bin/python --require-hashes --compile-bytecode \
        --build-constraints infra/build-constraints.txt requirements-dev.txt ||
        die "Could not install the packages, see .state/bootstrap.log."
    printf '%s\n' "$stamp" >.venv/.stamp
    use_native
}

# ---- Pango, for PDFs -----------------------------------------------------------------

pango_works() { .venv/bin/python infra/tooling/stack/native_libraries.py; }

need_pango() {
    pango_works && return 0
    if have brew && [ "$(uname)" = Darwin ]; then
        # A Python that is not brew's does not look into brew's folder.
        DYLD_FALLBACK_LIBRARY_PATH="$(brew --prefix)/lib:/usr/local/lib:/usr/lib"
        export DYLD_FALLBACK_LIBRARY_PATH
        pango_works && return 0
    fi
    set -- libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
    apt_install "$@" && pango_works && return 0
    brew_install pango && pango_works && return 0
    private_unpack "$@" && pango_works && return 0
    die "PDFs need Pango and it could not be installed. Install it and start again:
  Debian, Ubuntu:  sudo apt-get install $*
  Fedora:          sudo dnf install pango harfbuzz
  macOS:           brew install pango"
}

# ---- Chromium, for the browser tests -------------------------------------------------

# Prints the first Chromium that really runs (Ubuntu's "chromium" may be an empty shell).
find_chromium() {
    for candidate in "${CHROMIUM:-}" chromium-headless-shell chromium google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "$NATIVE"/usr/lib/chromium/chromium-headless-shell "$NATIVE"/usr/lib/chromium/headless_shell \
        "$NATIVE"/usr/bin/chromium-headless-shell \
        "$NATIVE"/playwright/*/*/chrome-headless-shell "$NATIVE"/playwright/*/*/headless_shell; do
        [ -n "$candidate" ] || continue
        path=$(command -v "$candidate" 2>/dev/null) || continue
        if "$path" --version >/dev/null 2>&1; then echo "$path"; return 0; fi
    done
    return 1
}

# Playwright talks through a Node of its own, which needs libatomic.
playwright_works() {
    for node in .venv/lib/python3*/site-packages/playwright/driver/node; do
        "$node" --version >/dev/null 2>&1 && return 0
    done
    return 1
}

browser_works() { CHROMIUM=$(find_chromium) && export CHROMIUM && playwright_works; }

# Where the distribution has no such package (Ubuntu, macOS), from Playwright's own server.
playwright_download() {
    say "downloading Chromium (playwright)"
    export PLAYWRIGHT_BROWSERS_PATH="$NATIVE/playwright"
    quietly playwright .venv/bin/python -m playwright install --only-shell chromium 2>/dev/null
}

need_chromium() {
    browser_works && return 0
    set -- chromium-headless-shell libatomic1
    apt_install "$@" && browser_works && return 0
    private_unpack "$@" && browser_works && return 0
    playwright_works || { apt_install libatomic1 || private_unpack libatomic1 || true; }
    browser_works && return 0
    playwright_download && browser_works && return 0
    die "The browser tests need a Chromium that runs. Install one (or name it in CHROMIUM) and start again:
  Debian:          sudo apt-get install $*
  Ubuntu:          sudo snap install chromium && sudo apt-get install libatomic1
  macOS:           brew install --cask google-chrome
To leave the browser tests out on purpose: ./infra/test -m 'not browser'"
}
