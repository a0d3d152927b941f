module example.com/vouch

go 1.23
