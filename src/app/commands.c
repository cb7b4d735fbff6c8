#include "app/command.h"

#include <string.h>

const struct ss_opt ss_common_options[] = {
        {"kubeconfig", 0, SS_OPT_VALUE, "FILE", "use this kubeconfig alone"},
        {"context", 0, SS_OPT_VALUE, "NAME", "context of the kubeconfig"},
        {"namespace", 'n', SS_OPT_VALUE, "NAME", "namespace (default: the context's)"},
        {"cluster", 0, SS_OPT_VALUE, "embedded[:FILE]", "the embedded cluster, in FILE"},
        {"policy", 0, SS_OPT_VALUE, "DIR",
         "policy folder (default: $SANDSCRIPT_POLICY, the configuration's, the installed one)"},
        {"output", 'o', SS_OPT_VALUE, "FORMAT", "output format, as the command says"},
        {"log", 0, SS_OPT_VALUE, "LEVEL", "debug, info (default), warn, error or off"},
        {"timeout", 0, SS_OPT_VALUE, "SECONDS", "give up after so long (exit 5)"},
        {"yes", 0, SS_OPT_FLAG, NULL, "write in protected contexts without asking"},
        {"waive", 0, SS_OPT_LIST, "RULE[=NAMESPACE/NAME]", "let the guard pass this rule; logged"},
        {"help", 'h', SS_OPT_FLAG, NULL, "help on the command"},
        {0},
};

static const struct ss_opt run_options[] = {
        {"watch", 0, SS_OPT_FLAG, NULL,
         "load policies anew whenever a file of the policy folder changes"},
        {0},
};
#define WATCH_AGAIN                                                                                \
	{                                                                                          \
		"watch", 0, SS_OPT_FLAG, NULL, "again after every change, until Ctrl-C"            \
	}
static const struct ss_opt build_options[] = {
        WATCH_AGAIN,
        {"set", 0, SS_OPT_LIST, "a.b=c", "set a field of the request; a\\.b for a dot in a key"},
        {"file", 'f', SS_OPT_VALUE, "FILE", "read the request from YAML or JSON (- is stdin)"},
        {"explain", 0, SS_OPT_FLAG, NULL, "say where each value of the manifest comes from"},
        {0},
};
static const struct ss_opt test_options[] = {
        WATCH_AGAIN,
        {"run", 0, SS_OPT_VALUE, "PATTERN", "only tests whose full name matches this Lua pattern"},
        {"update", 0, SS_OPT_FLAG, NULL, "write goldens that differ or are missing, and show how"},
        {0},
};
static const struct ss_opt init_options[] = {
        {"stubs", 0, SS_OPT_FLAG, NULL,
         "only write the editor's stubs, .sandscript/sandscript.lua, anew"},
        {0},
};
static const struct ss_opt get_options[] = {
        {"selector", 'l', SS_OPT_VALUE, "SELECTOR", "label selector"},
        {"field-selector", 0, SS_OPT_VALUE, "SELECTOR", "field selector"},
        {"all-namespaces", 'A', SS_OPT_FLAG, NULL, "in every namespace"},
        {"show-labels", 0, SS_OPT_FLAG, NULL, "a column of labels"},
        {"watch", 'w', SS_OPT_FLAG, NULL, "go on with what changes"},
        {0},
};
static const struct ss_opt wait_options[] = {
        {"for", 0, SS_OPT_VALUE, "CONDITION",
         "Ready (default), another condition, CONDITION=STATUS, or delete"},
        {0},
};
static const struct ss_opt apply_options[] = {
        {"file", 'f', SS_OPT_LIST, "FILE|DIR",
         "manifests, YAML or JSON (- is stdin); may be repeated"},
        {"dry-run", 0, SS_OPT_FLAG, NULL, "the server checks, nothing is stored"},
        {"force-conflicts", 0, SS_OPT_FLAG, NULL, "take over fields that another manager owns"},
        {0},
};
static const struct ss_opt diff_options[] = {
        {"file", 'f', SS_OPT_LIST, "FILE|DIR",
         "manifests, YAML or JSON (- is stdin); may be repeated"},
        {"force-conflicts", 0, SS_OPT_FLAG, NULL,
         "compare as if conflicting fields were taken over"},
        {0},
};
static const struct ss_opt delete_options[] = {
        {"file", 'f', SS_OPT_LIST, "FILE|DIR",
         "manifests, YAML or JSON (- is stdin); may be repeated"},
        {"dry-run", 0, SS_OPT_FLAG, NULL, "the server checks, nothing is deleted"},
        {"wait", 0, SS_OPT_FLAG, NULL, "until the objects are gone"},
        {0},
};

static const struct ss_opt policy_options[] = {
        {"live", 0, SS_OPT_FLAG, NULL, "diff: what the policy would change for live sandboxes"},
        {"all-namespaces", 'A', SS_OPT_FLAG, NULL, "diff --live: in every namespace"},
        {0},
};

static const struct ss_opt repl_options[] = {
        {"read-only", 0, SS_OPT_FLAG, NULL, "refuse every write but dry runs"},
        {0},
};

const struct ss_command ss_commands[] = {
        {
                .name = "run",
                .arguments = "SCRIPT [ARG…]",
                .summary = "run a provisioning script",
                .details = "SCRIPT is a file, or - for standard input. Short forms: sandscript "
                           "SCRIPT (a path with / or ending in .lua), -e CODE, -p EXPR (prints the "
                           "result, tables as YAML), - (standard input), and a #! line.\n\n"
                           "--timeout limits the whole run. Ctrl-C stops it: its waits return, a "
                           "second ends it at once. What never comes back (a pattern without end) "
                           "then ends with the process, within 250 ms. os.exit(CODE) ends it with "
                           "that code, after what it has to close.\n\n"
                           "Options for sandscript stand before SCRIPT; what follows it is the "
                           "script's: `arg` and `...`.\n\n"
                           "--watch: an edit of the policy folder is in force for the next "
                           "policy.build, while the script goes on; what does not load keeps its "
                           "last good version and is reported. SIGHUP looks at once.",
                .options = run_options,
                .min_args = 1,
                .max_args = -1,
                .stops_at_first = true,
                .run = ss_cmd_run,
        },
        {
                .name = "repl",
                .arguments = "",
                .summary = "the operator's prompt (the default on a terminal)",
                .details =
                        "Lua, one input after the other; values print as YAML or tables. :help "
                        "lists the commands, ?k8s.apply shows help, Tab completes, Ctrl-C "
                        "interrupts, Ctrl-D leaves. --timeout limits each input. Without a "
                        "terminal the lines of standard input run, and the first error ends it.\n\n"
                        "History: $XDG_STATE_HOME/sandscript/history; a line that begins with a "
                        "space is not kept.",
                .options = repl_options,
                .run = ss_cmd_repl,
        },
        {
                .name = "build",
                .formats = "yaml json text",
                .arguments = "ADAPTER",
                .summary = "print the manifest an adapter makes; never touches a network",
                .details = "Fields not set come from the adapter file.\n\n"
                           "--explain shows, for each value of the manifest, the layer that set it "
                           "(builder default, adapter, overlay, request, flag or hook), file and "
                           "line, and the value before; as text by default.",
                .options = build_options,
                .min_args = 1,
                .max_args = 1,
                .whole_run = true,
                .run = ss_cmd_build,
        },
        {
                .name = "init",
                .arguments = "[DIR]",
                .summary =
                        "start a policy folder: an adapter, an overlay, goldens, editor settings",
                .details = "DIR is this folder by default, and is made when it is not there. No "
                           "file is replaced: when one of them is there, nothing is written and it "
                           "exits 1. Never touches a network.\n\n"
                           "The stubs describe the API to lua-language-server; write them anew "
                           "after an upgrade.",
                .options = init_options,
                .max_args = 1,
                .run = ss_cmd_init,
        },
        {
                .name = "check",
                .formats = "text json",
                .arguments = "[PATH…]",
                .summary = "every problem of adapters, scripts and manifests; a finding exits 1",
                .details =
                        "PATH is a file or folder (default: the policy folder).\n\n"
                        "Adapters, overlays: what does not load or build.\n\n"
                        "Other Lua files: calls whose failure nobody looks at; functions, options\n"
                        "and globals that there are not. Specs are left out.\n\n"
                        "Manifests: what the guard refuses, deprecated versions, fields that the\n"
                        "kind does not have (Kubernetes 1.37, agent-sandbox) or of another type;\n"
                        "with --kubeconfig or --context, those of that server's kinds.\n",
                .max_args = -1,
                .whole_run = true,
                .run = ss_cmd_check,
        },
        {
                .name = "test",
                .formats = "text json junit tap",
                .arguments = "[PATH…]",
                .summary =
                        "run goldens (testdata/ADAPTER/CASE.in.lua) and specs (*_spec.lua, busted)",
                .details = "PATH is a file or a folder (default: the policy folder); tested is the "
                           "policy folder it lies in. CASE.in.lua returns a request; "
                           "CASE.golden.yaml is what the policy makes of it (--update).",
                .options = test_options,
                .max_args = -1,
                .whole_run = true,
                .run = ss_cmd_test,
        },
        {
                .name = "get",
                .formats = "table wide yaml json name lua=EXPR",
                .arguments = "KIND[,KIND…] | KIND NAME… | KIND/NAME…",
                .summary = "show objects",
                .details =
                        "A table has the server's own columns, -o wide all of them. -o "
                        "lua=EXPR: an expression over the object's fields (lua=status.podIPs[1]; "
                        "object is all of it), a line for each object.\n",
                .options = get_options,
                .min_args = 1,
                .max_args = -1,
                .module = "ss.cli.get",
                .run = ss_cmd_lua,
        },
        {
                .name = "wait",
                .formats = "text yaml json",
                .arguments = "KIND NAME",
                .summary = "wait for a condition by watch, with the reason when it fails",
                .details = "--timeout defaults to 60. A missing object is waited for.\n",
                .options = wait_options,
                .min_args = 2,
                .max_args = 2,
                .module = "ss.cli.wait",
                .run = ss_cmd_lua,
        },
        {
                .name = "apply",
                .formats = "text yaml json name",
                .needs_file = true,
                .arguments = "-f FILE|DIR…",
                .summary = "server-side apply, in dependency order",
                .options = apply_options,
                .module = "ss.cli.apply",
                .run = ss_cmd_lua,
        },
        {
                .name = "diff",
                .needs_file = true,
                .error_exit = 2,
                .arguments = "-f FILE|DIR…",
                .summary = "what apply would change: exits 0 when nothing, 1 when something",
                .options = diff_options,
                .module = "ss.cli.diff",
                .run = ss_cmd_lua,
        },
        {
                .name = "delete",
                .needs_file = true,
                .arguments = "-f FILE|DIR… | KIND NAME… | KIND/NAME…",
                .summary = "delete objects by name, or those of manifests in reverse order",
                .options = delete_options,
                .max_args = -1,
                .module = "ss.cli.delete",
                .run = ss_cmd_lua,
        },
        {
                .name = "policy",
                .formats = "table yaml json",
                .arguments = "list | diff OLD [NEW] | diff --live [ADAPTER] | history",
                .summary = "the adapters of the policy folder; what an edit of it changes",
                .details = "list exits 1 when an adapter does not load.\n\n"
                           "diff compares two policy folders (NEW is the policy folder by "
                           "default): what each adapter declares, and makes of a plain request, of "
                           "one for each tenant of an overlay, and of the cases in testdata/; "
                           "never touches a network.\n\n"
                           "diff --live compares what each sandbox that an adapter made (-n, -A) "
                           "is with what the policy makes of its request now, field by field. Both "
                           "say what needs a new pod, and exit 0 when nothing differs, 1 when "
                           "something, above 1 when they failed.\n\n"
                           "history shows the generations of this process, which has just begun; "
                           "one that serves a policy (run --watch, repl) has its own: "
                           "policy.history() in its script, :policy history at its prompt.",
                .options = policy_options,
                .min_args = 1,
                .max_args = 3,
                .run = ss_cmd_policy,
        },
        {
                .name = "version",
                .arguments = "",
                .summary = "the version of sandscript and of its Lua",
                .run = ss_cmd_version,
        },
        {
                .name = "help",
                .arguments = "[TOPIC]",
                .summary = "help on a command, a Lua function (k8s.apply) or a topic (P06)",
                .max_args = 1,
                .run = ss_cmd_help,
        },
        {0},
};

const struct ss_command *ss_command_find(const char *name)
{
	for (const struct ss_command *c = ss_commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}
