//go:build tools

// Package tools keeps the version of OPA, beside which policies are measured, in go.mod.
package tools

import _ "github.com/open-policy-agent/opa/cmd"
