/** What rows say of files by their paths, or by their texts, alone. */

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

/** So many characters of texts are kept for a question: many Dockerfiles have most of them in common. */
const MOST_CHARACTERS = 2_000_000;

/** The same function, which finds once for each text and family of rows; for few families. */
export function byText<Rows extends object, Answer>(
  find: (text: string, rows: Rows) => Answer,
): (text: string, rows: Rows) => Answer {
  const known = new WeakMap<Rows, { readonly answers: Map<string, Answer>; characters: number }>();
  return (text, rows) => {
    let own = known.get(rows);
    if (!own) known.set(rows, (own = { answers: new Map<string, Answer>(), characters: 0 }));
    let answer = own.answers.get(text);
    if (answer === undefined) {
      answer = find(text, rows);
      own.characters += text.length;
      if (own.characters > MOST_CHARACTERS) {
        own.answers.clear();
        own.characters = text.length;
      }
      own.answers.set(text, answer);
    }
    return answer;
  };
}
