// Meetings tells what the clocks of all offices show at one moment.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	at := time.Now()
	flag.Func("at", "moment, as in 2024-07-01T12:00:00Z, instead of now", func(text string) (err error) {
		at, err = time.Parse(time.RFC3339, text)
		return err
	})
	file := flag.String("offices", "offices.json", "`file` with the zone of each office")
	flag.Parse()

	all, err := loadOffices(*file)
	if err != nil {
		fmt.Fprintln(os.Stderr, "meetings:", err)
		os.Exit(1)
	}
	fmt.Printf("here: %s\n%s", at.Local().Format("15:04 MST"), all.clocks(at))
}
