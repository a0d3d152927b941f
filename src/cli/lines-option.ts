/** How `dfopt review` is answered. */
export const LINES_OPTION = {
  lines: {
    type: 'boolean',
    describe: 'Answers are lines, each ended by Enter; also from a pipe',
  },
} as const;
