/** How tags are taken apart when rows about images are made: beginning, end, suite. */
import { SUITES } from './image-suites.mjs';

const KIND_WORDS =
  /^(?:slim|alpine[\d.]*|onbuild|jdk\d*|jre\d*|cli|fpm|apache|zts|threaded|curl|scm|perl|otel|management|git|dind|rootless|musl|glibc|uclibc|builder|openjdk|eclipse|adoptopenjdk|amazoncorretto|corretto|ibmjava|ibm|sapmachine|azulzulu|microsoft|graalvm|graal|openj9|hotspot|temurin|php[\d.]+|otp|32bit|sdk|full|oracle|debian|backports|minimal|composite|chiseled|distroless|extra|aot|with|headless|devel|runtime|base|cudnn\d*|alpine\d*)$/;

/** `3.12-slim-bookworm` → 3.12, -slim-bookworm, slim */
export function splitTag(tag) {
  const words = tag.split('-');
  const at = words.findIndex((word) => KIND_WORDS.test(word) || SUITES[word] !== undefined);
  const cut = at < 0 ? words.length : at;
  const head = words.slice(0, cut).join('-');
  const tail = words
    .slice(cut)
    .map((word) => `-${word}`)
    .join('');
  return { head, tail, kind: kindOf(tail) };
}

/** The words of a tag's end without the suite. */
export function kindOf(tail) {
  return tail
    .replace(/-alpine-?3\.\d+/, '-alpine')
    .split('-')
    .filter((word) => word !== '' && SUITES[word] === undefined)
    .join('-');
}

const IDS = new Map(
  Object.entries(SUITES).map(([key, { id, version }]) => [`${id}:${version}`, key]),
);

/** The key of a suite: `bookworm`, `alpine:3.19`, (`ubuntu`, `22.04`). */
export function suiteOf(word, version) {
  if (version !== undefined) {
    const short = String(version).replace(/^(\d+\.\d+)\.\d+$/, '$1');
    return (
      IDS.get(`${word}:${short}`) ??
      (SUITES[short] ? short : IDS.get(`${word}:${short.split('.')[0]}`))
    );
  }
  return SUITES[word] ? word : undefined;
}

/** Neither a preview, nor a nightly build, nor Windows. */
export function isUsual(tag) {
  return !/-(?:amd64|arm64v8|arm32v7|arm32v6|x64)(?:$|-)|-ea|rc(?:[-.\d]|$)|beta|alpha\d|alpha\.|alpha-|preview|windows|nanoserver|servercore|tip|nightly|-dev|-m\d\d|experimental|rakudo|insider|openjdk-9-b|9-b\d+/i.test(
    tag,
  );
}

export function isDated(tag) {
  return /(?<!\d)20\d{6}/.test(tag);
}

/** `3.12.0`, `3.12.1`, `3.12.2`, `3.13.0` … → `3.12.0..2`; `20.[0..3,7].0` where several are alike. */
export function pack(heads) {
  const runs = new Map();
  const packed = [];
  for (const head of new Set(heads)) {
    const match = /^(.*?)(0|[1-9]\d*)$/.exec(head);
    if (match) runs.set(match[1], [...(runs.get(match[1]) ?? []), Number(match[2])]);
    else packed.push(head === '' ? '*' : head);
  }
  const alike = new Map();
  for (const [start, numbers] of runs) {
    for (const range of ranges(numbers)) {
      const match = /^(.*?)(0|[1-9]\d*)\.$/.exec(start);
      if (!match) packed.push(`${start}${range}`);
      else {
        const key = `${match[1]}\0${range}`;
        alike.set(key, [...(alike.get(key) ?? []), Number(match[2])]);
      }
    }
  }
  for (const [key, numbers] of alike) {
    const [start, range] = key.split('\0');
    const middle = ranges(numbers).join(',');
    packed.push(`${start}${/\D/.test(middle) ? `[${middle}]` : middle}.${range}`);
  }
  return packed.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).join(' ');
}

/** 0, 1, 2, 5 → `0..2`, `5` */
function ranges(numbers) {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const found = [];
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === sorted[end] + 1) end++;
    found.push(`${sorted[at]}${end > at ? `..${sorted[end]}` : ''}`);
    at = end + 1;
  }
  return found;
}
