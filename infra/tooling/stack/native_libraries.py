"""Exit 0 if the libraries that WeasyPrint loads can be loaded here, else 1.

Asked of the loader itself: a package database knows nothing of a private unpack, and
importing WeasyPrint would print a banner instead of giving an answer.
"""

import ctypes
import sys

LIBRARIES = (
    ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    ("libpango-1.0.so.0", "libpango-1.0.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.0.dylib"),
    ("libfontconfig.so.1", "libfontconfig.1.dylib"),
    ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
)


def missing() -> list[str]:
    """The names that the dynamic loader does not find."""
    absent = []
    for linux, macos in LIBRARIES:
        name = macos if sys.platform == "darwin" else linux
        try:
            ctypes.CDLL(name)
        except OSError:
            absent.append(name)
    return absent


if __name__ == "__main__":
    sys.exit(bool(missing()))
