CREATE TABLE members (name TEXT PRIMARY KEY, joined INTEGER NOT NULL);
INSERT INTO members VALUES ('Noor', 2019), ('Émile', 2021);
