package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"example.com/vouch/trust"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("vouch: ")
	least := flag.Int("roots", 1, "fail with fewer trusted authorities than this")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: vouch [-roots n] [authority or https address …]")
		flag.PrintDefaults()
	}
	flag.Parse()

	timeout, err := time.ParseDuration(os.Getenv("VOUCH_TIMEOUT"))
	if err != nil {
		log.Fatal(err)
	}
	roots, err := trust.Roots()
	if err != nil {
		log.Fatal(err)
	}
	if len(roots) < *least {
		log.Fatalf("only %d authorities are trusted", len(roots))
	}
	fmt.Printf("at least %d authorities are trusted\n", *least)

	failed := false
	for _, name := range flag.Args() {
		if slices.Contains(roots, name) {
			fmt.Printf("%s: trusted\n", name)
			continue
		}
		issuer, err := trust.Issuer(name, timeout)
		if err != nil {
			log.Print(err)
			failed = true
			continue
		}
		fmt.Printf("%s: vouched for by %s\n", name, issuer)
	}
	if failed {
		os.Exit(1)
	}
}
