/** What the estimate of apt's installs is held against: packages as Dockerfiles install them. */

/** A base among the stand-ins, and whether recommended packages come along. */
export interface AptTrial {
  /** Words of `apt-get install`. */
  readonly set: string;
  readonly base: string;
  readonly withRecommends: boolean;
}

const BASES = {
  b: 'debian:bookworm',
  s: 'debian:bookworm-slim',
  t: 'debian:trixie-slim',
} as const;

type Base = keyof typeof BASES;

/** By set: the bases, `+` where recommended packages come along. Quick ones first. */
const TRIALS: readonly (readonly [set: string, ...on: readonly (Base | `${Base}+`)[]])[] = [
  ['ca-certificates', 's', 't+'],
  ['curl', 'b', 't+'],
  ['wget gnupg', 'b', 't+'],
  ['openssh-client', 's+', 't'],
  ['procps iproute2 net-tools', 't', 'b'],
  ['unzip zip jq', 's', 't+'],
  ['locales tzdata', 't', 's'],
  ['sqlite3 libsqlite3-dev', 'b+', 's'],
  ['libpq-dev', 't', 'b'],
  ['postgresql-client', 's+', 't'],
  ['nginx', 'b', 't+'],
  ['php-cli', 't', 's+'],
  ['ruby', 's', 'b+'],
  ['python3', 'b+', 't'],
  ['vim', 's+', 't'],
  ['redis-server', 't+', 'b'],
  ['apache2', 's', 't'],
  ['supervisor', 'b', 't+'],
  ['git', 's', 'b+'],
  ['cmake', 't', 's'],
  ['default-jre-headless', 'b', 'b+'],
  ['imagemagick', 't+', 's'],
  ['libgl1 libglib2.0-0', 's', 't'],
  ['graphviz', 's', 't+'],
  ['default-mysql-client', 't', 's'],
  ['python3-pip python3-venv', 's', 't'],
  ['build-essential', 't', 's+'],
  // Seldom installed: of most of these the real files were not looked at (make/apt-opened.txt).
  ['haproxy', 's', 't'],
  ['neovim', 't', 's'],
  ['mosquitto', 's+', 't'],
  ['tesseract-ocr', 's', 't'],
  ['squid', 't', 's'],
  ['zsh', 's+', 't'],
  ['xvfb fonts-liberation', 't', 's'],
  ['python3-numpy', 's', 't'],
  ['ffmpeg', 's', 't'],
  ['golang-go', 't', 's'],
  ['chromium', 's', 't'],
  ['texlive-base', 't', 's'],
  ['nodejs npm', 's+', 't'],
];

export const APT_TRIALS: readonly AptTrial[] = [0, 1].flatMap((round) =>
  TRIALS.map(([set, ...on]) => ({
    set,
    base: BASES[on[round]![0] as Base],
    withRecommends: on[round]!.endsWith('+'),
  })),
);
