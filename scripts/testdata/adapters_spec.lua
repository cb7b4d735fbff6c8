-- What the adapters of this folder declare, and the manifest each makes: its golden
-- file beside this one. After an intended change: UPDATE_GOLDEN=1 sandscript test scripts
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""

-- Of Paperclip's built-in table.
local table_of = {
  claude_local = {
    env = { "ANTHROPIC_API_KEY" },
    hosts = { "api.anthropic.com", "claude.com", "platform.claude.com", "claude.ai", "console.anthropic.com" },
    probe = { "claude", "--version" },
  },
  codex_local = {
    env = { "OPENAI_API_KEY" },
    hosts = { "api.openai.com", "auth.openai.com", "chatgpt.com", "platform.openai.com", "oaistatic.com" },
    probe = { "codex", "--version" },
  },
  gemini_local = {
    env = { "GOOGLE_API_KEY", "GEMINI_API_KEY" },
    hosts = { "generativelanguage.googleapis.com", "oauth2.googleapis.com", "sts.googleapis.com" },
    probe = { "gemini", "--version" },
  },
  cursor_local = {
    env = { "ANTHROPIC_API_KEY", "OPENAI_API_KEY" },
    hosts = { "api.anthropic.com", "api.openai.com", "cursor.com", "api2.cursor.sh" },
    probe = { "cursor-agent", "--version" },
  },
  opencode_local = {
    env = { "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY" },
    hosts = { "api.anthropic.com", "api.openai.com", "openrouter.ai" },
    probe = { "opencode", "--version" },
  },
  pi_local = {
    env = { "ANTHROPIC_API_KEY" },
    hosts = { "api.anthropic.com" },
    probe = { "pi", "--version" },
  },
}

local function plain(list)
  return { table.unpack(list) }
end

describe("adapter", function()
  for name, want in pairs(table_of) do
    describe(name, function()
      it("declares its keys, hosts and probe", function()
        local adapter = assert(policy.get(name))
        assert.same(want.env, plain(adapter.env))
        assert.same(want.hosts, plain(adapter.egress.hosts))
        assert.same(want.probe, plain(adapter.probe))
        local short = name:gsub("_local$", "")
        assert.equal(("ghcr.io/paperclipai/agent-runtime-%s:v1"):format(short), adapter.image)
      end)

      it("makes its golden manifest", function()
        local manifest = assert(policy.build(name, {
          namespace = "demo",
          sandboxName = "s1",
          envSecretName = "s1-env",
          serviceAccountName = "agent",
        }))
        local path = ("%s%s.yaml"):format(here, name)
        local got = yaml.encode(manifest)
        if os.getenv "UPDATE_GOLDEN" then
          assert(fs.write(path, got))
        end
        assert.same(yaml.decode(assert(fs.read(path))), yaml.decode(got))
        assert.equal(fs.read(path), got)
      end)
    end)
  end
end)
