package main

import "encoding/json"

// zeroes are members that Go leaves out when empty and that other clients write.
var zeroes = map[string][]any{
	"hostNetwork": {false, nil}, "hostPID": {false, nil}, "hostIPC": {false, nil},
	"securityContext": {nil}, "volumes": {nil, []any{}}, "initContainers": {nil, []any{}},
	"ephemeralContainers": {nil, []any{}}, "os": {nil}, "hostUsers": {nil},
}

var contextZeroes = map[string][]any{
	"privileged": {nil}, "runAsNonRoot": {nil}, "runAsUser": {nil}, "seccompProfile": {nil},
	"appArmorProfile": {nil}, "seLinuxOptions": {nil, map[string]any{}, map[string]any{"type": nil}},
	"windowsOptions": {nil, map[string]any{}}, "procMount": {nil}, "capabilities": {nil},
	"sysctls": {nil, []any{}}, "allowPrivilegeEscalation": {nil},
}

func (g *generator) fill(object map[string]any, with map[string][]any) {
	for key, values := range with {
		if _, present := object[key]; !present && g.chance(0.1) {
			object[key] = pick(g, values...)
		}
	}
}

func (g *generator) fillContext(holder map[string]any) {
	if context, ok := holder["securityContext"].(map[string]any); ok {
		g.fill(context, contextZeroes)
	}
}

// noise writes a pod with some of its empty members spelled out, as null, false or {}.
func (g *generator) noise(pod any) []byte {
	text, err := json.Marshal(pod)
	if err != nil {
		panic(err)
	}
	if g.valid || g.chance(0.5) {
		return text
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		panic(err)
	}
	spec := tree["spec"].(map[string]any)
	g.fill(spec, zeroes)
	g.fillContext(spec)
	for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
		items, _ := spec[list].([]any)
		for _, item := range items {
			g.fillContext(item.(map[string]any))
		}
		if len(items) > 0 && g.evil() && g.chance(0.1) {
			spec[list] = append(items, nil)
		}
	}
	text, err = json.Marshal(tree)
	if err != nil {
		panic(err)
	}
	return text
}

// wrap puts a pod into one of the kinds that hold a PodSpec.
func (g *generator) wrap(pod []byte) []byte {
	kinds := []struct{ before, after string }{
		{``, ``}, {``, ``}, {``, ``},
		{`{"apiVersion":"v1","kind":"PodTemplate","template":`, `}`},
		{`{"apiVersion":"v1","kind":"ReplicationController","spec":{"template":`, `}}`},
		{`{"apiVersion":"apps/v1","kind":"ReplicaSet","spec":{"template":`, `}}`},
		{`{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":1,"template":`, `}}`},
		{`{"apiVersion":"apps/v1","kind":"StatefulSet","spec":{"template":`, `}}`},
		{`{"apiVersion":"apps/v1","kind":"DaemonSet","spec":{"template":`, `}}`},
		{`{"apiVersion":"batch/v1","kind":"Job","spec":{"template":`, `}}`},
		{`{"apiVersion":"batch/v1","kind":"CronJob","spec":{"jobTemplate":{"spec":{"template":`, `}}}}`},
		{`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret"},`, `]}`},
	}
	kind := pick(g, kinds...)
	return []byte(kind.before + string(pod) + kind.after)
}
