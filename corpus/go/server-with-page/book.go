package main

import (
	"sync"
	"time"
)

type entry struct {
	Name string
	When time.Time
}

type book struct {
	mutex   sync.Mutex
	entries []entry
}

func (b *book) sign(name string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.entries = append(b.entries, entry{name, time.Now()})
}

func (b *book) read() []entry {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return append([]entry(nil), b.entries...)
}
