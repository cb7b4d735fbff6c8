package main

import (
	"context"
	"strconv"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// apply sends count server-side applies, width of them in flight.
func (j *job) apply(width string) error {
	workers, err := strconv.Atoi(width)
	if err != nil {
		return err
	}
	numbers := make(chan int)
	failures := make(chan error, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := range numbers {
				if _, err := j.client.Apply(context.Background(), j.name(i), j.object(i),
					metav1.ApplyOptions{FieldManager: fieldManager}); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	var failure error
feed:
	for i := range j.count {
		select {
		case numbers <- i:
		case failure = <-failures:
			break feed
		}
	}
	close(numbers)
	group.Wait()
	select {
	case failure = <-failures:
	default:
	}
	return failure
}
