package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// offices tells the zone of each office.
type offices map[string]*time.Location

func loadOffices(file string) (offices, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var names map[string]string
	if err := json.Unmarshal(text, &names); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	zones := offices{}
	for office, name := range names {
		if zones[office], err = time.LoadLocation(name); err != nil {
			return nil, err
		}
	}
	return zones, nil
}

// clocks are the times of all offices at one moment, a line each.
func (o offices) clocks(at time.Time) string {
	var lines []string
	for office, zone := range o {
		lines = append(lines, fmt.Sprintf("%s: %s\n", office, at.In(zone).Format("Mon 15:04 MST")))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
