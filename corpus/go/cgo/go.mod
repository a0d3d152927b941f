module example.com/legible

go 1.24
