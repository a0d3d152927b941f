/** Packs what was counted of npm packages (npm-sizes.mjs) into the lines of npm-sizes.json. */

/** In bytes; sizes are kept as multiples. */
const UNIT = 100;

/** Documents are longer by far. */
const DOCUMENT_UNIT = 1000;

/** A release whose size is that close to the one before it gets no figure of its own. */
const SAME = 0.1;

/** Nor one that differs by no more bytes than that; of more than that, closer ones do. */
const SMALL = 8000;
const LARGE = { bytes: 1_000_000, same: 0.03 };

/**
 * @param {{ packages: { name: string, version: string, bytes: number, needs: string[], optional: string[] }[], documents?: Record<string, number> }[]} records
 * @param {string} date
 */
export function packRows(records, date) {
  const releases = new Map();
  for (const each of records.flatMap(({ packages }) => packages)) {
    if (each.version === undefined || each.inBundle) continue;
    const own = releases.get(each.name) ?? new Map();
    releases.set(each.name, own.set(each.version, each));
  }
  const names = [...releases.keys()].toSorted(byText);
  const places = new Map(names.map((name, place) => [name, place.toString(36)]));
  const placesOf = (needed) =>
    [...new Set(needed)].flatMap((name) => places.get(name) ?? []).join(' ');
  const documents = new Map(records.flatMap((each) => Object.entries(each.documents ?? {})));
  const newestOf = (name) =>
    [...releases.get(name).values()].toSorted((a, b) => compare(a.version, b.version)).at(-1);
  const beside = besideOf(names, newestOf, documents);
  const rows = names.map((name) => {
    const sorted = [...releases.get(name).values()].toSorted((a, b) =>
      compare(a.version, b.version),
    );
    const newest = newestOf(name);
    const points = [];
    for (const { version, bytes } of sorted) {
      const last = points.at(-1);
      const share = bytes > LARGE.bytes ? LARGE.same : SAME;
      const isSame =
        last !== undefined && Math.abs(bytes - last.bytes) <= Math.max(share * last.bytes, SMALL);
      if (!isSame || majorOf(version) !== majorOf(last.version)) points.push({ version, bytes });
    }
    const sizes = points.map(
      ({ version, bytes }) => `${version}:${Math.round(bytes / UNIT).toString(36)}`,
    );
    const optional = placesOf(newest.optional);
    const needs = placesOf(newest.needs.filter((each) => !newest.optional.includes(each)));
    const kept = [documents.get(name) ?? 0, beside.get(name) ?? 0].map((bytes) =>
      Math.round(bytes / DOCUMENT_UNIT).toString(36),
    );
    const document = documents.has(name) ? kept.join(' ').replace(/ 0$/, '') : '';
    return [sizes.join(' '), needs, optional, document].join(';').replace(/;+$/, '');
  });
  const source = `files of packages as npm installs them without their scripts on linux/x64, counted; by src/facts/make/npm-sizes.mjs, ${date}`;
  return `${JSON.stringify({ source, date, names: names.join(' '), rows: rows.join('\n') })}\n`;
}

/**
 * Documents about optional packages that fit no platform of ours: npm reads them all the same. Where
 * several bring along the same, each has its share.
 */
function besideOf(names, newestOf, documents) {
  const known = new Set(names);
  const owners = new Map();
  for (const name of names) {
    for (const other of new Set(newestOf(name).optional)) {
      if (!known.has(other) && documents.has(other)) {
        owners.set(other, [...(owners.get(other) ?? []), name]);
      }
    }
  }
  const beside = new Map();
  for (const [other, all] of owners) {
    const share = documents.get(other) / all.length;
    for (const name of all) beside.set(name, (beside.get(name) ?? 0) + share);
  }
  return beside;
}

/** As npm's own lists are in order, whatever the language of the machine. */
function byText(one, other) {
  return one < other ? -1 : 1;
}

function majorOf(version) {
  return version.slice(0, version.indexOf('.'));
}

function compare(one, other) {
  const [a, b] = [one, other].map((each) => each.split(/[.+-]/).map(Number));
  for (let at = 0; at < 3; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return one < other ? -1 : 1;
}
