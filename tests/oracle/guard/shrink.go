package main

import (
	"encoding/json"
	"fmt"
	"maps"
)

// explain shrinks a disagreement to the members that matter and tells it.
func (j *judge) explain(program string, d *disagreement) error {
	small, want, got := j.shrink(program, d)
	return fmt.Errorf("the guard disagrees with pod-security-admission\nobject %s\nwant   %v\ngot    %v\n"+
		"(members left out here play no part)", small, want, got)
}

// podOf finds the pod in a request, whatever it is wrapped in.
func podOf(tree any) []byte {
	switch v := tree.(type) {
	case map[string]any:
		if spec, ok := v["spec"].(map[string]any); ok && spec["containers"] != nil {
			text, _ := json.Marshal(v)
			return text
		}
		for _, child := range v {
			if pod := podOf(child); pod != nil {
				return pod
			}
		}
	case []any:
		for _, child := range v {
			if pod := podOf(child); pod != nil {
				return pod
			}
		}
	}
	return nil
}

type shrinker struct {
	judge *judge
	talk  *dialogue
	root  map[string]any
	apart rules // on which the two differed at first
}

// apart are the rules that only one of the two names.
func apart(want, got rules) rules {
	only := rules{}
	for id := range want {
		only[id] = !got[id]
	}
	for id := range got {
		only[id] = !want[id]
	}
	maps.DeleteFunc(only, func(_ string, differs bool) bool { return !differs })
	return only
}

// differs says whether what is left still divides the two in the same way.
func (s *shrinker) differs() (want, got rules, yes bool) {
	text, err := json.Marshal(s.root)
	if err != nil {
		return nil, nil, false
	}
	inner := podOf(s.root)
	if inner == nil {
		return nil, nil, false
	}
	pod, err := decode(inner)
	if err != nil || len(pod.Spec.Containers) == 0 {
		return nil, nil, false
	}
	answer, err := s.talk.ask(text)
	if err != nil {
		return nil, nil, false
	}
	got, err = rulesOf(answer)
	want = s.judge.want(pod)
	return want, got, err == nil && apart(want, got).equal(s.apart)
}

// prune leaves out every member and element under tree that may go.
func (s *shrinker) prune(tree any) {
	object, ok := tree.(map[string]any)
	if !ok {
		return
	}
	for key, child := range object {
		delete(object, key)
		if _, _, yes := s.differs(); yes {
			continue
		}
		object[key] = child
		if list, ok := child.([]any); ok {
			object[key] = s.pruneList(list, func(l []any) { object[key] = l })
			continue
		}
		s.prune(child)
	}
}

func (s *shrinker) pruneList(list []any, set func([]any)) []any {
	for i := 0; i < len(list); {
		shorter := append(append([]any{}, list[:i]...), list[i+1:]...)
		set(shorter)
		if _, _, yes := s.differs(); yes {
			list = shorter
			continue
		}
		set(list)
		s.prune(list[i])
		i++
	}
	return list
}

func (j *judge) shrink(program string, d *disagreement) ([]byte, rules, rules) {
	s := &shrinker{judge: j, apart: apart(d.want, d.got)}
	if json.Unmarshal(d.pod, &s.root) != nil {
		return d.pod, d.want, d.got
	}
	talk, err := newDialogue(program)
	if err != nil {
		return d.pod, d.want, d.got
	}
	defer talk.close()
	s.talk = talk
	s.prune(s.root["check"])
	want, got, yes := s.differs()
	text, err := json.Marshal(s.root["check"])
	if !yes || err != nil {
		return d.pod, d.want, d.got
	}
	return text, want, got
}
