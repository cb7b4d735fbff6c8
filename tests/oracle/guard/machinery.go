package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"
)

// --- names ------------------------------------------------------------------

type nameVerdict struct {
	Label     bool `json:"dns_label"`
	Subdomain bool `json:"dns_subdomain"`
	Key       bool `json:"label_key"`
	Value     bool `json:"label_value"`
	Env       bool `json:"env"`
}

func judgeName(s string) nameVerdict {
	return nameVerdict{
		Label:     len(validation.IsDNS1123Label(s)) == 0,
		Subdomain: len(validation.IsDNS1123Subdomain(s)) == 0,
		Key:       len(content.IsLabelKey(s)) == 0,
		Value:     len(content.IsLabelValue(s)) == 0,
		Env:       len(validation.IsEnvVarName(s)) == 0,
	}
}

func letters(r *rand.Rand, from string, n int) string {
	alphabet := []rune(from)
	var b strings.Builder
	for range n {
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

// randomName is near the edges: of lengths, of parts, of alphabets.
func randomName(r *rand.Rand) string {
	const lower, alnum = "abz059", "abzABZ059"
	length := func() int {
		edges := []int{0, 1, 2, 3, 5, 10, 62, 63, 64, 65, 252, 253, 254}
		return edges[r.IntN(len(edges))]
	}
	switch r.IntN(7) {
	case 0:
		return letters(r, lower, length())
	case 1:
		return letters(r, lower+lower+lower+"-", length())
	case 2:
		return letters(r, lower+lower+"-.", length())
	case 3:
		return letters(r, alnum+alnum+"-._", length())
	case 4:
		return letters(r, lower+lower+lower+".", length()) + "/" + letters(r, alnum+"-", length())
	case 5:
		return letters(r, "._-aA0", r.IntN(5))
	}
	return letters(r, alnum+"-._/ \tä\u00a0\n=", r.IntN(12))
}

func compareNames(program string, count int, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 1))
	var names []string
	var requests [][]byte
	for range count {
		name := randomName(r)
		text, err := json.Marshal(map[string]string{"name": name})
		if err != nil {
			return err
		}
		names = append(names, name)
		requests = append(requests, text)
	}
	answers, err := askAll(program, requests)
	if err != nil {
		return err
	}
	valid := 0
	for i, answer := range answers {
		var got nameVerdict
		if err := json.Unmarshal(answer, &got); err != nil {
			return fmt.Errorf("answer %q: %w", answer, err)
		}
		want := judgeName(names[i])
		if got != want {
			return fmt.Errorf("name %q\nwant %+v\ngot  %+v", names[i], want, got)
		}
		if want != (nameVerdict{}) {
			valid++
		}
	}
	fmt.Printf("oracle.apimachinery: %d names, seed %d: equal verdicts, %d valid as something\n",
		count, seed, valid)
	return nil
}

// --- quantities -------------------------------------------------------------

func randomQuantity(r *rand.Rand) string {
	suffixes := []string{"", "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi",
		"Ti", "Pi", "Ei", "e3", "E3", "e-3", "E+2", "e-12", "e30", "ki", "K", "mi", "e", "e+", "Kii", "i", " "}
	signs := []string{"", "", "", "", "+", "-", "--"}
	digits := func(most int) string { return letters(r, "0123456789", r.IntN(most+1)) }
	s := signs[r.IntN(len(signs))]
	switch r.IntN(5) {
	case 0:
		s += letters(r, "0", r.IntN(3)) + digits(3)
	case 1:
		s += digits(3) + "." + digits(4)
	case 2:
		s += digits(20) + "." + digits(20)
	case 3:
		s += digits(25)
	case 4:
		edges := []string{"9223372036854775807", "9223372036854775808", "8388608", "999999999999999999", "1"}
		s += edges[r.IntN(len(edges))]
	}
	s += suffixes[r.IntN(len(suffixes))]
	if r.IntN(50) == 0 {
		s += letters(r, "e.+-Kim09", 2)
	}
	return s
}

type quantityVerdict struct {
	Valid [2]bool  `json:"valid"`
	Cmp   int      `json:"cmp"`
	Value [2]int64 `json:"value"`
}

func judgeQuantities(pair [2]string) (v quantityVerdict, values [2]bool) {
	var parsed [2]resource.Quantity
	limit := resource.MustParse("9000000000000000000")
	for i, s := range pair {
		q, err := resource.ParseQuantity(s)
		v.Valid[i] = err == nil
		parsed[i] = q
		// Value is documented for what fits an int64; below zero its two
		// representations round to different sides.
		values[i] = err == nil && q.Sign() >= 0 && q.Cmp(limit) < 0
		if values[i] {
			v.Value[i] = q.Value()
		}
	}
	if v.Valid[0] && v.Valid[1] {
		v.Cmp = parsed[0].Cmp(parsed[1])
	}
	return v, values
}

func compareQuantities(program string, count int, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 2))
	var pairs [][2]string
	var requests [][]byte
	for i := range count {
		pair := [2]string{randomQuantity(r), randomQuantity(r)}
		if i%4 == 0 && len(pair[0]) > 0 {
			// Near neighbours, where rounding and trailing zeros decide.
			pair[1] = strings.Replace(pair[0], "1", "10", 1)
		}
		text, err := json.Marshal(map[string]any{"quantity": pair})
		if err != nil {
			return err
		}
		pairs = append(pairs, pair)
		requests = append(requests, text)
	}
	answers, err := askAll(program, requests)
	if err != nil {
		return err
	}
	valid := 0
	for i, answer := range answers {
		var got quantityVerdict
		if err := json.Unmarshal(answer, &got); err != nil {
			return fmt.Errorf("answer %q: %w", answer, err)
		}
		want, values := judgeQuantities(pairs[i])
		for k := range values {
			if !values[k] {
				got.Value[k] = 0
			}
		}
		if got != want {
			return fmt.Errorf("quantities %q\nwant %+v\ngot  %+v", pairs[i], want, got)
		}
		if want.Valid[0] && want.Valid[1] {
			valid++
		}
	}
	fmt.Printf("oracle.apimachinery: %d pairs of quantities, seed %d: equal syntax, order and value, "+
		"%d pairs valid\n", count, seed, valid)
	return nil
}
