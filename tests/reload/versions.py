"""Policy files whose every version carries its number in several places, and the ways to write them."""

import os
import random
import time

# Large enough that a file is written in several pages, and a half of it can be seen.
FILLER = "".join(f"-- {'.' * 90} {i:03}\n" for i in range(40))

ADAPTER = """local lib = require "shared"
local number = "%(id)06d"
%(filler)sreturn adapter {
  name = "%(name)s",
  image = "example.org/agent:v%(id)06d",
  labels = { id = "%(id)06d", lib = lib.id, ["lib-again"] = lib.again },
  resources = {
    requests = { cpu = "100m", memory = "64Mi" },
    limits = { cpu = "1", memory = "1%(id)06dKi" },
  },
  build = function(input, context)
    input.labels.hook = number
    input.labels["lib-hook"] = lib.late()
    return input
  end,
}
"""

LIB = """%(filler)slocal late = "%(id)06d"
return { id = "%(id)06d", again = "%(id)06d", late = function() return late end }
"""

OVERLAY = """%(filler)sreturn overlay {
  adapter = "*",%(tenant)s
  labels = { ["%(label)s"] = "%(id)06d", ["%(label)s-again"] = "%(id)06d" },
}
"""

# What may be wrong with a file, from its valid text. Each is a finding of this file alone.
ADAPTER_FAULTS = {
    "syntax": lambda text: text.replace("labels = {", "labels = = {", 1),
    "half": lambda text: text[: len(text) // 2],
    "nothing": lambda text: "",
    "unknown key": lambda text: text.replace("image =", "imgae =", 1),
    "error at load": lambda text: 'error("broken on purpose")\n' + text,
    "missing module": lambda text: 'require "not_there"\n' + text,
    "guard": lambda text: text.replace('cpu = "100m"', 'cpu = "9"', 1),  # more than the limit
    "hook": lambda text: text.replace("input.labels.hook", "input.label.hook", 1),
    "endless": lambda text: "while true do end\n" + text,
    "memory": lambda text: 'local s = "x" while true do s = s .. s end\n' + text,
    "too large": lambda text: text + "-" * 40000,
    "no text": lambda text: text.replace("-- ...", "-- \udcff..", 1),
}
LIB_FAULTS = {
    "syntax": lambda text: text + "end end\n",
    "half": lambda text: text[: len(text) // 2] + "return",
    "error at load": lambda text: 'error("broken on purpose")\n' + text,
    "no table": lambda text: "return 7\n",
}
OVERLAY_FAULTS = {
    "syntax": lambda text: text + "end\n",
    "unknown key": lambda text: text.replace("labels =", "lables =", 1),
    "bad label": lambda text: text.replace('again"] = "', 'again"] = "not a label! ', 1),
}


def to_bytes(text):
    return text.encode("utf-8", errors="surrogateescape")


class File:
    """One file of the policy, and what of it may be served.

    newest is the number of what is on disk, None when that is not valid or not there.
    may is what can be in force until a quiet point has shown what is."""

    def __init__(self, path, template, faults, numbers, **fields):
        self.path, self.template, self.faults, self.numbers, self.fields = path, template, faults, numbers, fields
        self.name = fields.get("name")
        self.newest, self.may, self.absent = None, set(), False

    def text(self, number):
        return self.template % {"id": number, "filler": FILLER, **self.fields}

    def take_number(self):
        self.numbers[0] += 1
        return self.numbers[0]

    def valid(self):
        """The content of a new valid version, which may be in force from here on."""
        number = self.take_number()
        self.newest, self.absent = number, False
        self.may.add(f"{number:06}")
        return to_bytes(self.text(number))

    def faulty(self, kinds=None):
        kind = random.choice(kinds or list(self.faults))
        self.newest, self.absent = None, False
        return to_bytes(self.faults[kind](self.text(self.take_number())))

    def settled(self):
        """What is in force at a quiet point."""
        if self.absent:
            return {"-"}
        return {f"{self.newest:06}"} if self.newest else set(self.may)


# --- ways to write a file ----------------------------------------------------------


def in_place(file, content):
    with open(file.path, "wb") as out:
        out.write(content)


def in_two_writes(file, content):
    half = random.randrange(1, len(content)) if len(content) > 1 else 0
    with open(file.path, "wb", buffering=0) as out:
        out.write(content[:half])
        time.sleep(random.uniform(0, 0.03))
        out.write(content[half:])


def patched(file, content):
    """Over the old content, without truncating: in between it is valid, and of two versions."""
    start = max(content.find(b"return"), 0)
    half = start + (len(content) - start) // 2
    with open(file.path, "r+b", buffering=0) as out:
        out.write(content[:half])
        time.sleep(random.uniform(0, 0.15))
        out.write(content[half:])
        out.truncate()


def renamed(file, content):
    temporary = file.path + ".new"
    with open(temporary, "wb") as out:
        out.write(content)
    os.rename(temporary, file.path)


def renamed_with_old_times(file, content):
    temporary = file.path + ".new"
    with open(temporary, "wb") as out:
        out.write(content)
    if os.path.exists(file.path):
        old = os.stat(file.path)
        os.utime(temporary, ns=(old.st_atime_ns, old.st_mtime_ns))
    os.rename(temporary, file.path)


def with_backup(file, content):
    """As vim does with 'backup': the name is gone for a moment."""
    backup = file.path + "~"
    if os.path.exists(file.path):
        os.rename(file.path, backup)
    with open(file.path, "wb") as out:
        out.write(content)
    if os.path.exists(backup):
        os.unlink(backup)


def through_link(file, content):
    """The name becomes a symlink to a file elsewhere, replaced in one step."""
    store = os.path.join(os.path.dirname(os.path.dirname(file.path)), ".store")
    os.makedirs(store, exist_ok=True)
    target = os.path.join(store, f"{os.path.basename(file.path)}.{file.take_number()}")
    with open(target, "wb") as out:
        out.write(content)
    os.symlink(os.path.relpath(target, os.path.dirname(file.path)), file.path + ".new")
    old = os.readlink(file.path) if os.path.islink(file.path) else None
    os.rename(file.path + ".new", file.path)
    if old:
        os.unlink(os.path.join(os.path.dirname(file.path), old))


def hard_linked(file, content):
    temporary = os.path.join(os.path.dirname(file.path), ".hard")
    with open(temporary, "wb") as out:
        out.write(content)
    if os.path.exists(file.path):
        os.unlink(file.path)
    os.link(temporary, file.path)
    os.unlink(temporary)


WAYS = [in_place, in_place, in_two_writes, patched, renamed, renamed, renamed_with_old_times, with_backup,
        through_link, hard_linked]


class ConfigMap:
    """Adapters that lie in a folder as kubelet writes it: NAME -> ..data/NAME, ..data -> ..vN."""

    def __init__(self, folder, files):
        self.folder, self.files, self.round = folder, files, 0

    def swap(self, contents):
        self.round += 1
        version = f"..v{self.round}"
        os.mkdir(os.path.join(self.folder, version))
        for file, content in zip(self.files, contents):
            with open(os.path.join(self.folder, version, os.path.basename(file.path)), "wb") as out:
                out.write(content)
        os.symlink(version, os.path.join(self.folder, "..data_tmp"))
        os.rename(os.path.join(self.folder, "..data_tmp"), os.path.join(self.folder, "..data"))
        self.remove_old(version)

    def remove_old(self, kept):
        for entry in os.listdir(self.folder):
            if entry.startswith("..v") and entry != kept:
                for name in os.listdir(os.path.join(self.folder, entry)):
                    os.unlink(os.path.join(self.folder, entry, name))
                os.rmdir(os.path.join(self.folder, entry))

    def create(self, contents):
        self.swap(contents)
        for file in self.files:
            name = os.path.basename(file.path)
            os.symlink(f"..data/{name}", os.path.join(self.folder, name))


class Folder:
    """The policy folder: eight adapters, two more in a ConfigMap, a shared module, two overlays."""

    def __init__(self, path):
        self.path, self.numbers = path, [0]
        for part in ("adapters", "lib", "local.d"):
            os.makedirs(os.path.join(path, part))
        self.adapters = [self._adapter(f"a{i}") for i in range(8)]
        self.mapped = [self._adapter(f"cm{i}") for i in range(2)]
        self.lib = self._file("lib/shared.lua", LIB, LIB_FAULTS)
        self.overlay = self._file("local.d/10-all.lua", OVERLAY, OVERLAY_FAULTS, tenant="", label="overlay")
        self.tenant = self._file("local.d/20-acme.lua", OVERLAY, OVERLAY_FAULTS, tenant='\n  tenant = "acme",',
                                 label="tenant")
        for file in (*self.adapters, self.lib, self.overlay, self.tenant):
            in_place(file, file.valid())
        self.map = ConfigMap(os.path.join(path, "adapters"), self.mapped)
        self.map.create([file.valid() for file in self.mapped])

    def _file(self, rel, template, faults, **fields):
        return File(os.path.join(self.path, rel), template, faults, self.numbers, **fields)

    def _adapter(self, name):
        return self._file(f"adapters/{name}.lua", ADAPTER, ADAPTER_FAULTS, name=name)

    def names(self):
        return [file.name for file in (*self.adapters, *self.mapped)]
