SELECT good, amount FROM goods WHERE amount > 0 ORDER BY amount DESC
