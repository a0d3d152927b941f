/** Answers that depend on one text alone, whichever the Dockerfile. */

/**
 * The same function, which finds once for each text.
 *
 * @param most so many answers are kept; with one more, those before it are forgotten
 */
export function foundOnce<Answer extends string | number | boolean | object>(
  most: number,
  find: (text: string) => Answer,
): (text: string) => Answer {
  const answers = new Map<string, Answer>();
  return (text) => {
    let answer = answers.get(text);
    if (answer === undefined) {
      if (answers.size >= most) answers.clear();
      answers.set(text, (answer = find(text)));
    }
    return answer;
  };
}
