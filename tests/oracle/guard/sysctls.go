package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var quoted = regexp.MustCompile(`["']([a-z0-9_-]+(?:[./][a-z0-9_-]+)+)["']`)

// namesIn collects what is quoted in a file and may be the name of a sysctl.
func namesIn(names map[string]bool, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, match := range quoted.FindAllStringSubmatch(string(text), -1) {
		names[match[1]] = true
	}
	return nil
}

// sysctlNames are those that the module names, those that the guard names (so that one too many in
// its list is tried), and those of this machine's kernel.
func sysctlNames(module, sources string) ([]string, error) {
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(sources, "guard*.c"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no sources of the guard in %s", sources)
	}
	for _, file := range append(files, filepath.Join(module, "policy", "check_sysctls.go")) {
		if err := namesIn(names, file); err != nil {
			return nil, err
		}
	}
	known := len(names)
	filepath.WalkDir("/proc/sys", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names[strings.ReplaceAll(strings.TrimPrefix(path, "/proc/sys/"), "/", ".")] = true
		}
		return nil
	})
	if known < 14 {
		return nil, fmt.Errorf("only %d names of sysctls found", known)
	}
	for _, name := range slices.Collect(maps.Keys(names)) {
		names[name+"x"] = true
		names[name[:len(name)-1]] = true
		names[strings.ToUpper(name)] = true
		names[strings.ReplaceAll(name, ".", "/")] = true
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// compareSysctls asks about each name alone.
func compareSysctls(program, sources string) error {
	j, err := newJudge()
	if err != nil {
		return err
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	names, err := sysctlNames(strings.TrimSpace(string(out)), sources)
	if err != nil {
		return err
	}
	var requests [][]byte
	var want []bool
	for _, name := range names {
		pod := &corev1.Pod{Spec: corev1.PodSpec{SecurityContext: &corev1.PodSecurityContext{
			Sysctls: []corev1.Sysctl{{Name: name, Value: "1"}},
		}}}
		pod.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
		text, err := json.Marshal(pod)
		if err != nil {
			return err
		}
		requests = append(requests, request(text))
		want = append(want, j.want(pod)["sysctls"])
	}
	answers, err := askAll(program, requests)
	if err != nil {
		return err
	}
	for i, answer := range answers {
		got, err := rulesOf(answer)
		if err != nil {
			return err
		}
		if got["sysctls"] != want[i] {
			return fmt.Errorf("sysctl %q: refused by Pod Security: %v, by the guard: %v", names[i], want[i], got["sysctls"])
		}
	}
	fmt.Printf("oracle.guard: %d sysctls: equal\n", len(names))
	return nil
}
