"""Writes the two images of the real node as docker archives into a folder.

agent.tar  localhost/agent:1  busybox, tini and a user with id 1000: what the
                              command of a Sandbox needs, and nothing else
pause.tar  localhost/pause:1  the same files; holds a pod's namespaces
"""

import hashlib
import io
import json
import platform
import subprocess
import sys
import tarfile

DIRECTORIES = ["bin", "dev", "etc", "home", "home/paperclip", "home/paperclip/.cache", "proc", "sys",
               "usr", "usr/bin", "workspace"]
PASSWD = b"root:x:0:0:root:/:/bin/sh\npaperclip:x:1000:1000::/home/paperclip:/bin/sh\n"
GROUP = b"root:x:0:\npaperclip:x:1000:\n"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def read(path):
    with open(path, "rb") as source:
        return source.read()


def add_file(archive, name, data, mode=0o644):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    archive.addfile(info, io.BytesIO(data))


def add_special(archive, name, kind, mode=0o755, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname = kind, mode, target
    archive.addfile(info)


def layer():
    """The file system, as a tar in memory; equal inputs give equal bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in DIRECTORIES:
            add_special(archive, name, tarfile.DIRTYPE)
        add_special(archive, "tmp", tarfile.DIRTYPE, mode=0o1777)
        add_file(archive, "bin/busybox", read("/bin/busybox"), 0o755)
        for applet in subprocess.check_output(["/bin/busybox", "--list"], text=True).split():
            if applet != "busybox":
                add_special(archive, "bin/" + applet, tarfile.SYMTYPE, target="/bin/busybox")
        add_file(archive, "usr/bin/tini", read("/usr/bin/tini-static"), 0o755)
        add_file(archive, "etc/passwd", PASSWD)
        add_file(archive, "etc/group", GROUP)
    return out.getvalue()


def write_image(path, name, files, config):
    diff = "sha256:" + hashlib.sha256(files).hexdigest()
    image = json.dumps({
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [diff]},
    }).encode()
    image_name = hashlib.sha256(image).hexdigest() + ".json"
    manifest = [{"Config": image_name, "RepoTags": [name], "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w") as archive:
        add_file(archive, "layer.tar", files)
        add_file(archive, image_name, image)
        add_file(archive, "manifest.json", json.dumps(manifest).encode())


def main(folder):
    files, path = layer(), "PATH=/bin:/usr/bin"
    write_image(folder + "/agent.tar", "localhost/agent:1", files, {"Env": [path]})
    write_image(folder + "/pause.tar", "localhost/pause:1", files,
                {"Env": [path], "Entrypoint": ["/bin/sleep", "2000000000"]})


if __name__ == "__main__":
    main(sys.argv[1])
