import csv
from datetime import date

import plume
from stamp import spoken

app = plume.App(__file__)

with open("sightings.csv", encoding="utf-8") as file:
    SIGHTINGS = list(csv.DictReader(file))


@app.route("/")
def index():
    return plume.render("index.html", birds=SIGHTINGS, total=len(SIGHTINGS))


@app.route("/bird/<name>")
def bird(name):
    seen = [row for row in SIGHTINGS if row["bird"] == name]
    if not seen:
        plume.abort(404)
    last = max(date.fromisoformat(row["day"]) for row in seen)
    return plume.render("bird.html", name=name, times=len(seen), last=spoken(last))


if __name__ == "__main__":
    app.run("0.0.0.0", 5000)
