"""npm.py NAME VERSION SHA512: a package of the npm registry that holds data alone, unpacked once; prints its folder.

npm itself would be a hundred Debian packages for one file.
"""

import base64
import hashlib
import io
import os
import pathlib
import sys
import tarfile
import tempfile
import urllib.request


def unpack(data, folder):
    """The files of a package, which all lie below package/."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for entry in archive:
            place = pathlib.PurePosixPath(entry.name)
            if entry.isfile() and place.parts[0] == "package" and ".." not in place.parts:
                file = folder.joinpath(*place.parts[1:])
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(archive.extractfile(entry).read())


def main(name, version, digest):
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sandscript" / "npm"
    folder = cache / f"{name}-{version}"
    if not folder.exists():
        registry = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")
        with urllib.request.urlopen(f"{registry}/{name}/-/{name}-{version}.tgz", timeout=60) as answer:
            data = answer.read(16 << 20)
        if base64.b64encode(hashlib.sha512(data).digest()).decode() != digest:
            sys.exit(f"{name} {version}: its SHA-512 is not the one that is written here")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as new:
            unpack(data, pathlib.Path(new) / "package")
            try:
                os.rename(pathlib.Path(new) / "package", folder)
            except OSError:
                if not folder.exists():  # else another run was first
                    raise
    print(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
