// Serves one page and says who serves it, and from where.
package main

import (
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"
)

type host struct {
	User, Folder string
}

func main() {
	folder, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	here := host{os.Getenv("USER"), folder}

	page, err := template.ParseFiles("index.html")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if err := page.Execute(w, here); err != nil {
			log.Print(err)
		}
	})
	http.HandleFunc("/host", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s in %s\n", here.User, here.Folder)
	})

	log.Print("listening on port 80")
	log.Fatal(http.ListenAndServe(":80", nil))
}
