// Prints a proverb in one of the languages that are compiled in.
package main

import (
	"embed"
	"flag"
	"fmt"
	"os"
	"path"
	"strings"
)

//go:embed proverbs/*.txt
var proverbs embed.FS

func languages() []string {
	files, _ := proverbs.ReadDir("proverbs")
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file.Name(), path.Ext(file.Name())))
	}
	return names
}

func main() {
	language := flag.String("lang", "en", "one of "+strings.Join(languages(), ", "))
	number := flag.Int("n", 1, "which one, from 1")
	flag.Parse()

	text, err := proverbs.ReadFile("proverbs/" + *language + ".txt")
	if err != nil {
		fmt.Fprintln(os.Stderr, "proverb: no such language:", *language)
		os.Exit(1)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if *number < 1 || *number > len(lines) {
		fmt.Fprintf(os.Stderr, "proverb: there are %d\n", len(lines))
		os.Exit(1)
	}
	fmt.Println(lines[*number-1])
}
