#!/usr/bin/env python3
"""layers.py finds each kind of mistake, in a tree that has all of them."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

LAYERS_PY = pathlib.Path(__file__).with_name("layers.py")

TREE = {
    "src/base/err.h": "#pragma once\n#include <stddef.h>\n",
    "src/base/doc_priv.h": "#pragma once\n",
    "src/base/alone.h": "#pragma once\nsize_t ss_alone(void);\n",
    "src/base/up.c": '#include "kube/client.h"\n',
    "src/base/good.c": '#include <jansson.h>\n#include "base/doc_priv.h"\n',
    "src/kube/client.h": '#pragma once\n#include "base/err.h"\n',
    "src/kube/lua.c": "#include <lua.h>\n#include <glib.h>\n",
    "src/kube/private.c": '#include "base/doc_priv.h"\n#include "client.h"\n#include "io/none.h"\n',
    "src/sandbox/pure.c": "#include <unistd.h>\n",
    "src/extra/x.c": "\n",
    "src/script/lint/code.h": "#pragma once\n",
    "src/script/adapter/fine.c": '#include "script/lint/code.h"\n',
    "src/script/lint/up.c": '#include "script/adapter/adapter.h"\n',
    "src/script/adapter/adapter.h": "#pragma once\n",
    "src/script/host.c": '#include "script/lint/code.h"\n',
    "src/base/long.c": "\n" * 701,
    "src/base/unfinished.c": "/* TO" + "DO */\n/* Not" + " implemented */\n/* XXXXXX */\n",
    "src/base/cut.c": "int x;",
    "lua/mess.lua": "local x \n\treturn x\n",
    "scripts/fine.lua": "return 1\n",
}

WANT = [
    'lua/mess.lua:1: white space at the end of the line',
    'lua/mess.lua:2: 1 lines with tabs; Lua is indented with two spaces',
    'src/base/alone.h:1: does not compile alone: ',
    'src/base/cut.c:1: no line feed at the end of the file',
    'src/base/long.c:701: 701 lines; the limit is 700',
    'src/base/unfinished.c:1: "TO' + 'DO": finish it or leave it out',
    'src/base/unfinished.c:2: "Not' + ' implemented": finish it or leave it out',
    'src/base/up.c:1: base/ must not include kube/client.h (only nothing)',
    'src/extra:1: not a layer; say in tests/lint/layers.py what it may include',
    'src/kube/lua.c:1: <lua.h> is for app, bind, script/ only',
    'src/kube/lua.c:2: <glib.h> is not known: say in tests/lint/layers.py whose it is',
    'src/kube/private.c:1: base/doc_priv.h is private to base/',
    'src/kube/private.c:2: "client.h": includes are written from src/, as "base/err.h"',
    'src/kube/private.c:3: io/none.h does not exist',
    'src/sandbox/pure.c:1: <unistd.h>: sandbox/ does no I/O',
    'src/script/host.c:1: script/ must not include script/lint/code.h',
    'src/script/lint/up.c:1: script/lint/ must not include script/adapter/adapter.h',
]


def run(tree):
    with tempfile.TemporaryDirectory() as root:
        for name, text in tree.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, LAYERS_PY, root], capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines(), done.stderr


class Layers(unittest.TestCase):
    def test_every_mistake_is_found(self):
        code, lines, errors = run(TREE)
        self.assertEqual(errors, "")
        self.assertEqual(code, 1)
        self.assertEqual(len(lines), len(WANT), "\n".join(lines))
        for line, want in zip(lines, WANT):
            self.assertTrue(line.startswith(want), f"{line}\n{want}")

    def test_a_clean_tree_passes(self):
        clean = ("src/base/err.h", "src/base/good.c", "src/base/doc_priv.h", "src/kube/client.h",
                 "scripts/fine.lua")
        code, lines, errors = run({name: TREE[name] for name in clean})
        self.assertEqual((code, lines, errors), (0, [], ""))


if __name__ == "__main__":
    unittest.main()
