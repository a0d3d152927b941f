UPDATE goods SET amount = amount - :amount WHERE good = :good AND amount >= :amount RETURNING amount
