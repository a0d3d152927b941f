package main

import (
	"testing"
	"time"
)

func TestClocksFollowSummerTime(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	here := offices{"here": zone}
	for moment, want := range map[string]string{
		"2024-07-01T12:00:00Z": "here: Mon 13:00 WEST\n",
		"2024-01-01T12:00:00Z": "here: Mon 12:00 WET\n",
	} {
		at, _ := time.Parse(time.RFC3339, moment)
		if got := here.clocks(at); got != want {
			t.Errorf("%s: %q, not %q", moment, got, want)
		}
	}
}
