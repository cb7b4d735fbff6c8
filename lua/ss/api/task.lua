-- help: the task module (src/bind/task.c, lua/ss/task.lua).
return {
  summary = "functions that run beside each other",
  {
    name = "task.spawn",
    summary = "start a function as a task of its own",
    args = "fn, …",
    returns = "task | nil, err",
    params = { "fn fun(...): ...", "... any" },
    results = { "task.Task? task", "sandscript.Error? err" },
    doc = [[Runs fn(…) as a task of its own. The run ends when all tasks have ended; one that raised and that
nobody joined makes it fail. After Ctrl-C or --timeout the tasks there are wait no more; one spawned then may
for ten seconds, to clean up.]],
    example = [[local t = assert(task.spawn(function(n) return n * 2 end, 21))
return task.join(t)]],
    yields = false,
  },
  {
    name = "task.join",
    summary = "wait for a task and take its results",
    args = "task",
    returns = "what its function returned | nil, err",
    params = { "task task.Task" },
    results = { "any ..." },
    doc = [[Waits for its end. err is what it raised: an error table as it is, anything else as
{code="script", message=, cause=}.]],
    example = [[task.join(assert(task.spawn(function() return "done" end)))]],
    yields = true,
  },
  {
    name = "task.map",
    summary = "call a function for every item, several at a time",
    args = "list, fn, {width=50}",
    returns = "list of results | nil, err",
    params = { "list any[]", "fn fun(item: any, position: integer): any", "options? options" },
    results = { "any[]? results", "sandscript.Error? err" },
    doc = [[fn(item, position) for every item, at most width at a time; results keep their positions. The first
raise cancels the rest and is raised again.]],
    example = "task.map({1, 2, 3}, function(n) return n * n end, {width=2})",
    yields = true,
  },
  {
    name = "task.sleep",
    summary = "let time pass, while other tasks run",
    args = "seconds",
    returns = "true | nil, err",
    params = { "seconds number" },
    results = { "true? slept", "sandscript.Error? err" },
    doc = "Waits; 0 lets the other tasks run once.",
    example = "task.sleep(0.01)",
    yields = true,
  },
  {
    name = "task.timeout",
    summary = "call a function that must end in time",
    args = "seconds, fn, …",
    returns = "what fn returns | nil, err",
    params = { "seconds number", "fn fun(...): ...", "... any" },
    results = { "any ..." },
    doc = [[Runs fn(…) and stops it when the time is over: its waits then return nil and an err with code
"timeout", and so does the call. What fn raises in time is raised again.]],
    example = [[task.timeout(1, function() return "in time" end)]],
    yields = true,
  },
  {
    name = "task.cancel",
    summary = "end a task",
    args = "task",
    params = { "task task.Task" },
    results = {},
    doc = [[Its wait, and every later one, returns nil and an err with code "canceled". One that goes on for more
than a second after that is ended; its __close handlers run.]],
    example = [[local t = assert(task.spawn(task.sleep, 60))
task.cancel(t)]],
    yields = false,
  },
}
