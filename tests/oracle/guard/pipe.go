package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// askAll sends all requests to one run of the program and returns its answers.
func askAll(program string, requests [][]byte) ([][]byte, error) {
	cmd := exec.Command(program)
	cmd.Stdin = bytes.NewReader(append(bytes.Join(requests, []byte("\n")), '\n'))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	answers := bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
	if len(answers) != len(requests) {
		return nil, fmt.Errorf("%d questions, %d answers", len(requests), len(answers))
	}
	return answers, nil
}

// dialogue asks one question at a time, for shrinking.
type dialogue struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func newDialogue(program string) (*dialogue, error) {
	cmd := exec.Command(program, "-u")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &dialogue{cmd, in, bufio.NewReaderSize(out, 1<<20)}, cmd.Start()
}

func (d *dialogue) ask(request []byte) ([]byte, error) {
	if _, err := d.in.Write(append(request, '\n')); err != nil {
		return nil, err
	}
	return d.out.ReadBytes('\n')
}

func (d *dialogue) close() {
	d.in.Close()
	d.cmd.Wait()
}

// rulesOf are the rules in an answer to a check; none when it passed.
func rulesOf(answer []byte) (rules, error) {
	var a struct {
		OK         bool
		Violations []struct{ Rule string }
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("answer %q: %w", answer, err)
	}
	found := rules{}
	for _, v := range a.Violations {
		found[v.Rule] = true
	}
	if a.OK != (len(found) == 0) {
		return nil, fmt.Errorf("answer %q says neither yes nor no", answer)
	}
	return found, nil
}
