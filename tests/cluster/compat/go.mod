// The older agent-sandbox, for its CRDs only: nothing of it is built.
module sandscript.dev/tests/cluster/compat

go 1.26.0

require sigs.k8s.io/agent-sandbox v0.5.6
