-- The types that the functions of the API speak of, as LuaCATS. What a table of lua/ss/api or
-- the builder knows is not here: ss.stubs makes it from them.
return [[
---What a call returns after nil; assert(call) raises it.
---@class sandscript.Error
---@field code string not_found, already_exists, conflict, invalid, forbidden, timeout, canceled, policy …
---@field message string
---@field status? integer of the HTTP answer
---@field reason? string Kubernetes' own word
---@field causes? table[]
---@field retryable? boolean
---@field op? string
---@field object? string
---@field applied? k8s.Object[] of k8s.apply: what was stored before the error

---@class k8s.Metadata
---@field name? string
---@field generateName? string
---@field namespace? string
---@field labels? table<string, string>
---@field annotations? table<string, string>
---@field uid? string
---@field resourceVersion? string
---@field [string] any

---@class k8s.Object
---@field apiVersion string
---@field kind string
---@field metadata k8s.Metadata
---@field spec? table
---@field status? table
---@field [string] any

---@class k8s.Name
---@field kind string any name of the kind: "Pod", "pods", "po"
---@field name string
---@field namespace? string
---@field apiVersion? string

---@alias k8s.Ref k8s.Object|k8s.Name

---@class k8s.Event
---@field type "ADDED"|"MODIFIED"|"DELETED"
---@field object k8s.Object

---@class k8s.Watch
---@field close fun(self: k8s.Watch)
---@overload fun(): k8s.Event?

---@class k8s.Change
---@field path string
---@field op string
---@field from? any
---@field to? any

---@class k8s.Diff
---@field same boolean
---@field exists boolean
---@field changes k8s.Change[]
---@field text string

---@class k8s.Kind
---@field kind string
---@field apiVersion string
---@field resource string
---@field namespaced boolean
---@field shortNames string[]
---@field verbs string[]

---@class k8s.Client: k8s
---@field context? string
---@field namespace string
---@field server string

---@class policy.Origin
---@field generation integer
---@field sha256 string of the adapter's file and the modules it required

---@class policy.Listed
---@field name string
---@field file string
---@field sha256 string
---@field hooks string[]

---@class policy.State
---@field generation integer
---@field failed policy.Failure[]
---@field reload policy.Metrics

---@class policy.Failure A file whose newest content does not serve.
---@field name string
---@field file string
---@field line? integer
---@field path? string of the field
---@field message string
---@field since string RFC 3339
---@field held boolean an older version of it serves
---@field cached? boolean and it was kept on disk

---@class policy.Metrics What loading anew did in this process.
---@field watching boolean
---@field rolled_back boolean
---@field passes integer
---@field loads integer files that were evaluated
---@field failures integer
---@field last_ms number
---@field problem? string of the folder itself

---@class policy.Change
---@field name string
---@field change "added"|"changed"|"removed"

---@class policy.Reloaded
---@field changed policy.Change[]
---@field failed policy.Failure[]

---@class policy.Generation
---@field generation integer
---@field at string RFC 3339
---@field reason "start"|"files"|"reload"|"rollback"
---@field of? integer of a rollback: whose content it has
---@field serving boolean
---@field changed policy.Change[]

---@class policy.Difference
---@field same boolean
---@field text string
---@field files string[]

---@class policy.Explained
---@field layer "builder default"|"adapter"|"overlay"|"request"|"hook"
---@field file? string
---@field line? integer
---@field was? any the value before

---@class task.Task

---@class sandbox.CpuAndMemory
---@field cpu? string|number
---@field memory? string|number

---@class sandbox.Resources
---@field requests? sandbox.CpuAndMemory
---@field limits? sandbox.CpuAndMemory

---@class sandbox.Volumes
---@field workspace? string|number
---@field home? string|number
---@field cache? string|number
---@field tmp? string|number

---@class policy.Egress
---@field hosts string[] host names, *.example.com for those below it

---What the build hook gets beside its input.
---@class policy.Context
---@field adapter string
---@field file string
---@field generation integer
---@field tenant? string
]]
