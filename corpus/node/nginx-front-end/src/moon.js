const DAY = 86_400_000;
const SYNODIC_MONTH = 29.530588;
const KNOWN_NEW_MOON = Date.UTC(2000, 0, 6, 18, 14);

/** Days since the last new moon. */
export const moonAge = (date) => ((date - KNOWN_NEW_MOON) / DAY) % SYNODIC_MONTH;

export function phaseName(age) {
  const names = ['new moon', 'waxing crescent', 'first quarter', 'waxing gibbous'];
  const later = ['full moon', 'waning gibbous', 'last quarter', 'waning crescent'];
  return [...names, ...later][Math.round((age / SYNODIC_MONTH) * 8) % 8];
}
