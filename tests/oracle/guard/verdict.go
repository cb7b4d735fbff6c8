package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// rules is a set of rule ids.
type rules map[string]bool

func (r rules) String() string {
	return "[" + strings.Join(slices.Sorted(maps.Keys(r)), " ") + "]"
}

func (r rules) equal(other rules) bool { return maps.Equal(r, other) }

// pinned is the version that the guard holds pods to.
var pinned = api.LevelVersion{Level: api.LevelRestricted, Version: api.MajorMinorVersion(1, 37)}

type judge struct {
	evaluator policy.Evaluator
	checks    map[string]policy.CheckPodFn // restricted, without the overridden ones
}

func newJudge() (*judge, error) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, err
	}
	j := &judge{evaluator: evaluator, checks: map[string]policy.CheckPodFn{}}
	overridden := map[string]bool{}
	for _, check := range policy.DefaultChecks() {
		for _, version := range check.Versions {
			if pinned.Version.Older(version.MinimumVersion) {
				break
			}
			j.checks[string(check.ID)] = version.CheckPod
			for _, id := range version.OverrideCheckIDs {
				overridden[string(id)] = true
			}
		}
	}
	for id := range overridden {
		delete(j.checks, id)
	}
	return j, nil
}

// admission is what Pod Security itself says, rule by rule.
func (j *judge) admission(pod *corev1.Pod) rules {
	refused := rules{}
	for id, check := range j.checks {
		if !check(&pod.ObjectMeta, &pod.Spec).Allowed {
			refused[id] = true
		}
	}
	results := j.evaluator.EvaluatePod(pinned, &pod.ObjectMeta, &pod.Spec)
	if policy.AggregateCheckResults(results).Allowed != (len(refused) == 0) {
		panic("the checks disagree with the evaluator")
	}
	return refused
}

// want is what the guard must say: Pod Security without the two relaxations.
func (j *judge) want(pod *corev1.Pod) rules {
	strict := pod.DeepCopy()
	strict.Spec.HostUsers = nil
	strict.Spec.OS = nil
	refused := j.admission(strict)
	if pod.Spec.OS != nil && pod.Spec.OS.Name == corev1.Windows {
		refused["windowsPods"] = true
	}
	if j.weaker(pod, refused) {
		panic("Pod Security refuses a pod that the stricter form allows")
	}
	return refused
}

func (j *judge) weaker(pod *corev1.Pod, refused rules) bool {
	return len(refused) == 0 && len(j.admission(pod)) > 0
}

// decode reads a pod as the API server would: a volume without a source becomes an emptyDir.
func decode(text []byte) (*corev1.Pod, error) {
	pod := &corev1.Pod{}
	err := json.Unmarshal(text, pod)
	for i := range pod.Spec.Volumes {
		if source := &pod.Spec.Volumes[i].VolumeSource; *source == (corev1.VolumeSource{}) {
			source.EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	return pod, err
}
