/** Words with how often they occur, the most frequent first, equals by alphabet. */
export function count(text) {
  const times = new Map();
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
    times.set(word, (times.get(word) ?? 0) + 1);
  }
  return [...times].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
