-- The built-in adapters of Paperclip, as its table has them: an edit of these files that leaves
-- it is a decision. What each makes is in the goldens beside this file.
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
    end)
  end
end)
