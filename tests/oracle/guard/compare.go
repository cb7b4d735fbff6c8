package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const batchSize = 1000

func request(object []byte) []byte {
	return append(append([]byte(`{"check":`), object...), '}')
}

// disagreement is a pod on which the guard and the reference differ.
type disagreement struct {
	pod       []byte
	want, got rules
}

// batch compares the pods [from, to); it returns how many were allowed.
func (j *judge) batch(program string, from, to int, seed uint64) (int, *disagreement, error) {
	var pods, requests [][]byte
	for i := from; i < to; i++ {
		g := newGenerator(seed, uint64(i), false)
		pod := g.noise(g.pod(i))
		pods = append(pods, pod)
		requests = append(requests, request(g.wrap(pod)))
	}
	answers, err := askAll(program, requests)
	if err != nil {
		return 0, nil, err
	}
	allowed := 0
	for i, answer := range answers {
		pod, err := decode(pods[i])
		if err != nil {
			return 0, nil, fmt.Errorf("generated pod %s: %w", pods[i], err)
		}
		want := j.want(pod)
		got, err := rulesOf(answer)
		if err != nil {
			return 0, nil, err
		}
		if !got.equal(want) {
			return 0, &disagreement{requests[i], want, got}, nil
		}
		if len(want) == 0 {
			allowed++
		}
	}
	return allowed, nil, nil
}

func comparePods(program string, count int, seed uint64) error {
	j, err := newJudge()
	if err != nil {
		return err
	}
	var (
		wait    sync.WaitGroup
		lock    sync.Mutex
		allowed int
		found   *disagreement
		failed  error
		next    int
		start   = time.Now()
	)
	take := func() (int, bool) {
		lock.Lock()
		defer lock.Unlock()
		from := next
		next += batchSize
		return from, from < count && found == nil && failed == nil
	}
	for range min(runtime.NumCPU(), 4) {
		wait.Go(func() {
			for from, more := take(); more; from, more = take() {
				n, d, err := j.batch(program, from, min(from+batchSize, count), seed)
				lock.Lock()
				allowed += n
				if d != nil {
					found = d
				}
				if err != nil {
					failed = err
				}
				lock.Unlock()
			}
		})
	}
	wait.Wait()
	if failed != nil {
		return failed
	}
	if found != nil {
		return j.explain(program, found)
	}
	fmt.Printf("oracle.guard: %d pods, seed %d: equal rules, %d allowed, %.1f s\n",
		count, seed, allowed, time.Since(start).Seconds())
	return nil
}

// compareFixtures checks every pod that pod-security-admission itself is tested with.
func compareFixtures(program string) error {
	j, err := newJudge()
	if err != nil {
		return err
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	pattern := filepath.Join(strings.TrimSpace(string(out)), "test", "testdata", "*", "*", "*", "*.yaml")
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no fixtures at %s", pattern)
	}
	var requests [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		pod, err := yaml.YAMLToJSON(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		requests = append(requests, request(pod))
	}
	answers, err := askAll(program, requests)
	if err != nil {
		return err
	}
	for i, file := range files {
		if err := j.fixture(program, file, requests[i], answers[i]); err != nil {
			return err
		}
	}
	fmt.Printf("oracle.guard: %d fixtures: equal rules\n", len(files))
	return nil
}

func (j *judge) fixture(program, file string, question, answer []byte) error {
	pod, err := decode(bytes.TrimSuffix(bytes.TrimPrefix(question, []byte(`{"check":`)), []byte("}")))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	got, err := rulesOf(answer)
	if err != nil {
		return err
	}
	if want := j.want(pod); !got.equal(want) {
		fmt.Fprintln(os.Stderr, file)
		return j.explain(program, &disagreement{question, want, got})
	}
	current := strings.Contains(file, "/restricted/v1.37/")
	relaxed := pod.Spec.HostUsers != nil || pod.Spec.OS != nil
	for _, volume := range pod.Spec.Volumes {
		// The API server makes an emptyDir of a volume without a source; the guard
		// and the checks see the document as it is sent.
		relaxed = relaxed || volume.VolumeSource == corev1.VolumeSource{}
	}
	if current && !relaxed && (len(got) == 0) != strings.Contains(file, "/pass/") {
		return fmt.Errorf("%s: the guard says %v", file, got)
	}
	return nil
}

func emitPods(out io.Writer, count int, seed uint64) error {
	j, err := newJudge()
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	for i := range count {
		pod := newGenerator(seed, uint64(i), true).pod(i)
		refused := slices.Sorted(maps.Keys(j.want(pod)))
		line := map[string]any{"pod": pod, "allowed": len(refused) == 0, "rules": append([]string{}, refused...)}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
