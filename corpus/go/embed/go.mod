module example.com/proverb

go 1.19
