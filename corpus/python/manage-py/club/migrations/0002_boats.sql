CREATE TABLE boats (name TEXT PRIMARY KEY, owner TEXT REFERENCES members);
INSERT INTO boats VALUES ('Seagull', 'Noor');
