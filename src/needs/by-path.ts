/** What rows say of files by their paths alone. */

/** So many paths are kept: most lie in several images, and in many Dockerfiles' images. */
const MOST = 4096;

/** The same function, which finds once for each path and family of rows. */
export function byPath<Rows extends object, Answer>(
  find: (path: string, rows: Rows) => Answer,
): (path: string, rows: Rows) => Answer {
  const known = new WeakMap<Rows, Map<string, Answer>>();
  return (path, rows) => {
    let answers = known.get(rows);
    if (!answers) known.set(rows, (answers = new Map<string, Answer>()));
    let answer = answers.get(path);
    if (answer === undefined && !answers.has(path)) {
      if (answers.size >= MOST) answers.clear();
      answers.set(path, (answer = find(path, rows)));
    }
    // There is one for the path now.
    return answer as Answer;
  };
}
