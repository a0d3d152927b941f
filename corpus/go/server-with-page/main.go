// A guest book that forgets everything when it stops.
package main

import (
	"html/template"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	page, err := template.ParseFiles("templates/book.html")
	if err != nil {
		log.Fatal(err)
	}
	book := &book{}

	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if name := strings.TrimSpace(r.FormValue("name")); name != "" {
				book.sign(name)
			}
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		if err := page.Execute(w, book.read()); err != nil {
			log.Print(err)
		}
	})
	http.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))

	address := os.Getenv("ADDRESS")
	if address == "" {
		address = ":8080"
	}
	log.Fatal(http.ListenAndServe(address, nil))
}
