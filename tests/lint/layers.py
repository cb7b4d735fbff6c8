#!/usr/bin/env python3
"""Check what the compiler does not: the layers, the headers, the size of files.

  layers.py [--no-compile] [ROOT]

One line per finding, `file:line: message`; exit status 1 when there is one.
"""

import os
import pathlib
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

# Which layers a layer may include (design: base at the bottom, app on top).
LAYERS = {
    "base": set(),
    "sandbox": {"base"},
    "io": {"base"},
    "kube": {"io", "base"},
    "embed": {"io", "base"},
    "script": {"sandbox", "io", "base"},
    "bind": {"script", "kube", "embed", "sandbox", "io", "base"},
    "app": {"bind", "script", "kube", "embed", "sandbox", "io", "base"},
}

# Rooms of a layer, and which rooms of it they may include; files that stand in no room are the
# layer's base: every room may include them, and they include none.
ROOMS = {
    "script/lint": set(),
    "script/adapter": {"script/lint"},
    "script/policy": {"script/adapter", "script/lint"},
}

# Headers of other projects, by their beginning, and the layers that may use them.
THIRD_PARTY = {
    "jansson.h": {"base"},
    "yaml.h": {"base"},
    "openssl/": {"base"},
    "uv.h": {"io"},
    "curl/": {"io"},
    "wslay/": {"io"},
    "sys/inotify.h": {"io"},
    "sqlite3.h": {"embed"},
    "lua.h": {"script", "bind", "app"},
    "lualib.h": {"script", "bind", "app"},
    "lauxlib.h": {"script", "bind", "app"},
    "histedit.h": {"app"},
    "editline/": {"app"},
}

# The C library; anything else is either third party or a mistake.
C_HEADERS = set("""
assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h iso646.h limits.h locale.h math.h
setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h
stdnoreturn.h string.h strings.h tgmath.h time.h uchar.h wchar.h wctype.h
dirent.h dlfcn.h endian.h fcntl.h fnmatch.h glob.h grp.h langinfo.h libgen.h netdb.h poll.h pthread.h pwd.h
regex.h sched.h spawn.h sysexits.h termios.h ucontext.h unistd.h
""".split())
C_FOLDERS = ("sys/", "netinet/", "arpa/", "linux/", "net/")

# sandbox/ is pure: it neither reads nor writes anything.
IMPURE = ("fcntl.h", "unistd.h", "dirent.h", "poll.h", "netdb.h", "pwd.h", "spawn.h", "time.h",
          "sys/", "netinet/", "arpa/", "linux/", "net/")

# What one layer's compile line adds for the headers above.
PACKAGES = {
    "base": ["jansson", "yaml-0.1", "libcrypto"],
    "io": ["libuv", "libcurl"],
    "embed": ["sqlite3"],
    "script": ["lua5.4"],
    "bind": ["lua5.4"],
    "app": ["lua5.4", "libedit"],
}

MAX_LINES = 700
CODE = {".c", ".h", ".lua", ".py", ".sh", ".cmake", ".go"}
FOLDERS = ("src", "lua", "scripts", "tests", "cmake")

# Written apart, so that this file does not find itself.
UNFINISHED = re.compile(
    r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|(?i:not" + r" implemented|place" + r"holder)")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Findings:
    def __init__(self, root):
        self.root = root
        self.lines = []

    def add(self, path, line, message):
        self.lines.append((str(path.relative_to(self.root)), line, message))

    def report(self):
        for path, line, message in sorted(set(self.lines)):
            print(f"{path}:{line}: {message}")
        return 1 if self.lines else 0


def read_lines(path):
    return path.read_text(encoding="utf-8", errors="replace").split("\n")


def source_files(root):
    """Every text file that people write, the folders' own and those at the root."""
    for folder in FOLDERS:
        for where, folders, names in os.walk(root / folder):
            folders[:] = [f for f in folders if not f.startswith(".") and f != "__pycache__"]
            for name in names:
                yield pathlib.Path(where) / name
    for name in ("CMakeLists.txt", "README.md", "dev", ".luacheckrc"):
        if (root / name).is_file():
            yield root / name


def check_own_include(found, path, line, layer, name):
    other = name.split("/")[0]
    if "/" not in name or other not in LAYERS:
        found.add(path, line, f'"{name}": includes are written from src/, as "base/err.h"')
        return
    if other != layer and other not in LAYERS[layer]:
        allowed = ", ".join(sorted(LAYERS[layer])) or "nothing"
        found.add(path, line, f"{layer}/ must not include {name} (only {allowed})")
    elif other != layer and name.endswith("_priv.h"):
        found.add(path, line, f"{name} is private to {other}/")
    if not (found.root / "src" / name).is_file():
        found.add(path, line, f"{name} does not exist")
    if other == layer:
        check_room(found, path, line, name)


def check_room(found, path, line, name):
    own = path.parent.relative_to(found.root / "src").as_posix()
    other = name.rpartition("/")[0]
    if other in ROOMS and other != own and other not in ROOMS.get(own, set()):
        found.add(path, line, f"{own}/ must not include {name}")


def check_system_include(found, path, line, layer, name):
    for prefix, layers in THIRD_PARTY.items():
        if name.startswith(prefix):
            if layer not in layers:
                found.add(path, line, f"<{name}> is for {', '.join(sorted(layers))}/ only")
            return
    if name not in C_HEADERS and not name.startswith(C_FOLDERS):
        found.add(path, line, f"<{name}> is not known: say in tests/lint/layers.py whose it is")
    elif layer == "sandbox" and name.startswith(IMPURE):
        found.add(path, line, f"<{name}>: sandbox/ does no I/O")


def check_includes(found):
    for layer in LAYERS:
        for path in sorted((found.root / "src" / layer).rglob("*.[ch]")):
            for number, text in enumerate(read_lines(path), 1):
                match = INCLUDE.match(text)
                if not match:
                    continue
                check = check_own_include if match[1] == '"' else check_system_include
                check(found, path, number, layer, match[2])


def check_folders(found):
    for path in sorted((found.root / "src").iterdir()):
        if path.is_dir() and path.name not in LAYERS:
            found.add(path, 1, "not a layer; say in tests/lint/layers.py what it may include")


def package_flags(layer):
    flags = []
    for package in PACKAGES.get(layer, []):
        run = subprocess.run(["pkg-config", "--cflags", package], capture_output=True, text=True)
        # What is not installed shows when a header wants it.
        flags += shlex.split(run.stdout) if run.returncode == 0 else []
    return flags


def compile_header(root, path, flags):
    include = path.relative_to(root / "src")
    command = shlex.split(os.environ.get("CC", "gcc")) + [
        "-std=c11", "-Wpedantic", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror",
        "-fsyntax-only", "-D_GNU_SOURCE", '-DSS_VERSION="0"', "-I", str(root / "src"), *flags,
        "-x", "c", "-"]
    source = f'#include "{include}"\nextern int one;\n'
    run = subprocess.run(command, input=source, capture_output=True, text=True)
    if run.returncode == 0:
        return None
    errors = [line for line in run.stderr.split("\n") if "error:" in line]
    return (errors or run.stderr.split("\n"))[0].strip()


def check_headers(found):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = []
        for layer in LAYERS:
            flags = package_flags(layer)
            for path in sorted((found.root / "src" / layer).rglob("*.h")):
                jobs.append((path, pool.submit(compile_header, found.root, path, flags)))
        for path, job in jobs:
            if job.result():
                found.add(path, 1, f"does not compile alone: {job.result()}")


def check_lua(found, path, lines):
    tabs = [number for number, text in enumerate(lines, 1) if "\t" in text]
    if tabs:
        found.add(path, tabs[0], f"{len(tabs)} lines with tabs; Lua is indented with two spaces")
    for number, text in enumerate(lines, 1):
        if text != text.rstrip():
            found.add(path, number, "white space at the end of the line")


def check_text(found):
    for path in source_files(found.root):
        code = path.suffix in CODE or path.name in ("CMakeLists.txt", "dev")
        if not code and path.suffix != ".md":
            continue
        lines = read_lines(path)
        if code and len(lines) - 1 > MAX_LINES:
            found.add(path, MAX_LINES + 1, f"{len(lines) - 1} lines; the limit is {MAX_LINES}")
        if lines[-1] != "":
            found.add(path, len(lines), "no line feed at the end of the file")
        if path.suffix == ".lua":
            check_lua(found, path, lines)
        for number, text in enumerate(lines, 1):
            match = UNFINISHED.search(text)
            if match:
                found.add(path, number, f'"{match[0]}": finish it or leave it out')


def main(arguments):
    compile_headers = "--no-compile" not in arguments
    roots = [a for a in arguments if not a.startswith("-")]
    root = pathlib.Path(roots[0] if roots else pathlib.Path(__file__).parents[2]).resolve()
    found = Findings(root)
    check_folders(found)
    check_includes(found)
    check_text(found)
    if compile_headers:
        check_headers(found)
    return found.report()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
