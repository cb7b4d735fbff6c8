-- help: the fs module (src/bind/fs.c, src/bind/stdin.c), for operator scripts.
return {
  summary = "files, folders and standard input, for operator scripts",
  {
    name = "fs.read",
    summary = "the content of a file",
    args = "path",
    returns = "text | nil, err",
    params = { "path string" },
    results = { "string? text", "sandscript.Error? err" },
    doc = [[A whole regular file of at most 64 MiB. The engine's own files (kubeconfig, tokens and certificates in use,
config.lua, its state) and /proc are out of reach of scripts (err.code "forbidden").]],
    example = [[#fs.read("/etc/passwd")]],
    yields = false,
  },
  {
    name = "fs.write",
    summary = "replace a file, or make it, in one step",
    args = "path, text",
    returns = "true | nil, err",
    params = { "path string", "text string" },
    results = { "true? written", "sandscript.Error? err" },
    doc = [[Replaces the file in one step: a reader sees the old or the new content. A file that is there keeps
its mode, a new one gets 0644.]],
    example = [[fs.write("/tmp/sandscript-note.txt", "text")]],
    yields = false,
  },
  {
    name = "fs.list",
    summary = "the names in a folder",
    args = "path",
    returns = "list of names | nil, err",
    params = { "path string" },
    results = { "string[]? names", "sandscript.Error? err" },
    doc = "What is in a folder, sorted.",
    example = [[#fs.list("/")]],
    yields = false,
  },
  {
    name = "fs.stdin",
    summary = "read standard input: a line, a number, bytes or all of it",
    args = [["l" | "L" | "n" | "a" | bytes]],
    returns = "text | number | nil at the end | nil, err",
    params = { 'format? "l"|"L"|"n"|"a"|integer' },
    results = { "string|number|nil read", "sandscript.Error? err" },
    doc = [[Reads standard input as io.read does: a line (the default), a line with its break, a number,
everything, or so many bytes. for line in fs.stdin do … end]],
    example = [[for line in fs.stdin do
  print(line)
end]],
    yields = true,
  },
}
