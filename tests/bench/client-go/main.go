// Command client-go is the peer that sandscript is measured against: the same
// work done with Kubernetes' own Go client.
//
//	client-go apply MANIFEST PREFIX COUNT WIDTH
//	client-go wait MANIFEST PREFIX COUNT SANDSCRIPT SCRIPT
package main

import (
	"fmt"
	"os"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

const fieldManager = "client-go"

var sandboxes = schema.GroupVersionResource{
	Group: "agents.x-k8s.io", Version: "v1beta1", Resource: "sandboxes",
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "client-go:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 5 {
		return fmt.Errorf("usage: client-go apply|wait MANIFEST PREFIX COUNT ...")
	}
	manifest, err := readManifest(args[1])
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	client, err := connect(manifest.GetNamespace())
	if err != nil {
		return err
	}
	job := job{client: client, manifest: manifest, prefix: args[2], count: count}
	switch {
	case args[0] == "apply":
		return job.apply(args[4])
	case args[0] == "wait" && len(args) == 6:
		return job.wait(args[4], args[5])
	}
	return fmt.Errorf("unknown command %q", args[0])
}

type job struct {
	client   dynamic.ResourceInterface
	manifest *unstructured.Unstructured
	prefix   string
	count    int
}

func (j *job) name(i int) string { return fmt.Sprintf("%s-%d", j.prefix, i) }

// object is the manifest under the name of the i-th object.
func (j *job) object(i int) *unstructured.Unstructured {
	object := j.manifest.DeepCopy()
	object.SetName(j.name(i))
	return object
}

func readManifest(path string) (*unstructured.Unstructured, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	return object, object.UnmarshalJSON(text)
}

func connect(namespace string) (dynamic.ResourceInterface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // no client-side limit: the server is what is measured
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return client.Resource(sandboxes).Namespace(namespace), nil
}
