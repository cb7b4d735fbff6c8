// The guard and the names and quantities of src/sandbox against the Go modules
// of Kubernetes themselves: k8s.io/pod-security-admission v0.37 and
// k8s.io/apimachinery.
//
//	guard_oracle -oracle PATH [-pods N] [-fixtures] [-sysctls DIR] [-names N] [-quantities N] [-seed S]
//	guard_oracle -emit N [-seed S]
//	guard_oracle -manifests
//
// PATH is the program sandbox_oracle. -emit prints N pods that an API server
// finds valid, one JSON object per line, {"pod": …, "allowed": bool,
// "rules": […]}, for a comparison with the real admission.
package main

import (
	"flag"
	"fmt"
	"os"
)

func run() error {
	oracle := flag.String("oracle", "", "the program sandbox_oracle")
	pods := flag.Int("pods", 0, "generated PodSpecs to compare")
	fixtures := flag.Bool("fixtures", false, "compare the fixtures of pod-security-admission")
	sysctls := flag.String("sysctls", "", "compare every sysctl that is known; the folder of the guard's sources")
	names := flag.Int("names", 0, "names and labels to compare")
	quantities := flag.Int("quantities", 0, "pairs of quantities to compare")
	emit := flag.Int("emit", 0, "print valid pods with the expected verdict")
	seed := flag.Uint64("seed", 20261124, "seed of everything generated")
	manifests := flag.Bool("manifests", false, "say how kubectl reads each line's {\"yaml\": text}")
	flag.Parse()

	if *emit > 0 {
		return emitPods(os.Stdout, *emit, *seed)
	}
	if *manifests {
		return readManifests(os.Stdin, os.Stdout)
	}
	if *oracle == "" {
		return fmt.Errorf("-oracle PATH is needed")
	}
	if *fixtures {
		if err := compareFixtures(*oracle); err != nil {
			return err
		}
	}
	if *sysctls != "" {
		if err := compareSysctls(*oracle, *sysctls); err != nil {
			return err
		}
	}
	if *pods > 0 {
		if err := comparePods(*oracle, *pods, *seed); err != nil {
			return err
		}
	}
	if *names > 0 {
		if err := compareNames(*oracle, *names, *seed); err != nil {
			return err
		}
	}
	if *quantities > 0 {
		return compareQuantities(*oracle, *quantities, *seed)
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "guard_oracle:", err)
		os.Exit(1)
	}
}
