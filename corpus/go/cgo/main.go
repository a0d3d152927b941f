// Legible prints texts in old encodings as UTF-8, with the tables of the C library.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/user"
)

func main() {
	from := flag.String("from", "ISO-8859-1", "encoding of the `texts`")
	signed := flag.Bool("sign", false, "say who read them")
	flag.Parse()

	for _, name := range flag.Args() {
		text, err := os.ReadFile(name)
		if err == nil {
			text, err = decode(*from, text)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "legible: %s: %v\n", name, err)
			os.Exit(1)
		}
		os.Stdout.Write(text)
	}
	if *signed {
		reader, err := user.Current()
		if err != nil {
			fmt.Fprintln(os.Stderr, "legible:", err)
			os.Exit(1)
		}
		fmt.Printf("read by %s\n", reader.Username)
	}
}
