package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// documents are what kubectl makes of a manifest's text, as JSON: it is cut at
// its "---" lines first, and each piece read by itself. Empty ones are left out.
func documents(text string) ([]json.RawMessage, error) {
	docs := []json.RawMessage{}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		piece, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
		doc, err := yaml.YAMLToJSON(piece)
		if err != nil {
			return nil, err
		}
		if doc = bytes.TrimSpace(doc); string(doc) != "null" {
			docs = append(docs, doc)
		}
	}
}

// readManifests answers {"yaml": text} lines as sandbox_oracle does.
func readManifests(in io.Reader, out io.Writer) error {
	questions, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var question struct {
			YAML string `json:"yaml"`
		}
		if err := questions.Decode(&question); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answer := map[string]any{}
		if docs, err := documents(question.YAML); err != nil {
			answer["error"] = err.Error()
		} else {
			answer["ok"] = docs
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
}
