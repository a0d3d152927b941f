// A page with the picture of the day, which another service knows; a third one counts the visits.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"
	"time"
)

type picture struct {
	URL     string `json:"url"`
	Caption string `json:"caption"`
	Credit  string `json:"credit"`
}

var (
	imageAPI  = os.Getenv("IMAGE_API_URL")
	accessAPI = os.Getenv("ACCESS_API_URL")
	client    = &http.Client{Timeout: 2 * time.Second}
)

// The picture of the day; a picture without URL when the service does not answer.
func today() picture {
	var found picture
	response, err := client.Get(imageAPI)
	if err != nil {
		log.Print("no picture: ", err)
		return found
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		log.Print("not a picture: ", err)
	}
	return found
}

func count(r *http.Request) {
	body, _ := json.Marshal(map[string]string{"clientIp": r.RemoteAddr, "path": r.URL.Path})
	response, err := client.Post(accessAPI, "application/json", bytes.NewReader(body))
	if err != nil {
		log.Print("not counted: ", err)
		return
	}
	response.Body.Close()
}

func main() {
	page, err := template.ParseFiles("index.html")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		go count(r)
		if err := page.Execute(w, today()); err != nil {
			log.Print(err)
		}
	})
	http.HandleFunc("/services", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "picture: %s\nvisits: %s\n", imageAPI, accessAPI)
	})
	log.Fatal(http.ListenAndServe(":80", nil))
}
