package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

// A wait that has not even started its watch when the condition is set would
// measure the start of a watch.
const settle = 30 * time.Millisecond

// ready is what the agent-sandbox controller writes, which does not run here.
const ready = `{"status":{"conditions":[{"type":"Ready","status":"True","reason":"Bench",` +
	`"message":"","lastTransitionTime":"2026-01-01T00:00:00Z","observedGeneration":1}]}}`

// wait sets one object after the other Ready and prints, as a JSON array, by
// how many milliseconds sandscript's wait returns after a watch of client-go
// has seen it. The script waits for the objects in order and prints a line
// after each.
func (j *job) wait(sandscript, script string) error {
	command := exec.Command(sandscript, "run", script, j.manifest.GetNamespace(), j.prefix, strconv.Itoa(j.count))
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := j.create(); err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	lines := stamps(output)
	lags := make([]float64, 0, j.count)
	for i := range j.count {
		lag, err := j.measure(i, lines)
		if err != nil {
			return err
		}
		lags = append(lags, lag)
	}
	if err := command.Wait(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(lags)
}

func (j *job) create() error {
	for i := range j.count {
		if _, err := j.client.Create(context.Background(), j.object(i), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// stamps gives the time at which each line arrived.
func stamps(output io.Reader) <-chan time.Time {
	times := make(chan time.Time, 1)
	go func() {
		scanner := bufio.NewScanner(output)
		for scanner.Scan() {
			times <- time.Now()
		}
		close(times)
	}()
	return times
}

func (j *job) measure(i int, lines <-chan time.Time) (float64, error) {
	events, err := j.client.Watch(context.Background(), metav1.ListOptions{
		FieldSelector: "metadata.name=" + j.name(i),
	})
	if err != nil {
		return 0, err
	}
	defer events.Stop()
	seen := make(chan time.Time, 1)
	go func() {
		for event := range events.ResultChan() {
			if isReady(event) {
				seen <- time.Now()
				return
			}
		}
	}()
	time.Sleep(settle)
	if _, err := j.client.Patch(context.Background(), j.name(i), types.MergePatchType, []byte(ready),
		metav1.PatchOptions{}, "status"); err != nil {
		return 0, err
	}
	peer, ok1 := receive(seen)
	ours, ok2 := receive(lines)
	if !ok1 || !ok2 {
		return 0, fmt.Errorf("%s: nothing seen (client-go %v, sandscript %v)", j.name(i), ok1, ok2)
	}
	return float64(ours.Sub(peer)) / float64(time.Millisecond), nil
}

func receive(times <-chan time.Time) (time.Time, bool) {
	select {
	case at, ok := <-times:
		return at, ok
	case <-time.After(20 * time.Second):
		return time.Time{}, false
	}
}

func isReady(event watch.Event) bool {
	object, ok := event.Object.(*unstructured.Unstructured)
	if !ok {
		return false
	}
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	return len(conditions) > 0
}
