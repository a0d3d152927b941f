const { FIRST_FERRY, EVERY_MINUTES } = process.env;
const first = FIRST_FERRY.split(':').reduce((hours, minutes) => hours * 60 + Number(minutes), 0);
const every = Number(EVERY_MINUTES);

const clock = (minutes) =>
  [Math.floor(minutes / 60) % 24, minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');

/** In the harbour's own time, whatever the server's. */
export const localTime = (date) =>
  date.toLocaleString('pt-PT', { weekday: 'long', hour: '2-digit', minute: '2-digit' });

export function nextFerry(date) {
  const now = date.getHours() * 60 + date.getMinutes();
  const waits = Math.max(0, Math.ceil((now - first) / every));
  return clock(first + waits * every);
}
