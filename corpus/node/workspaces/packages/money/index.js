export const total = (cents) => cents.reduce((sum, one) => sum + one, 0);

export function format(cents) {
  const [euros, rest] = [Math.trunc(cents / 100), Math.abs(cents % 100)];
  return `${euros}.${String(rest).padStart(2, '0')} EUR`;
}
