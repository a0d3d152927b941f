INSERT INTO goods VALUES (?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount
