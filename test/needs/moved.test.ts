/** What falls away at the end of a file leaves the end as it was. */
import { expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';

const START =
  'FROM golang:1.22 AS build\nRUN CGO_ENABLED=0 go build -o /out/server .\n\n' +
  'FROM alpine:3.20\nCMD ["/server"]\nCOPY --from=build /out/server /server';

it.each(['', '\n', '\n\n', '\n# the end\n'])('ends in %j as before', (end) => {
  const { output, diagnostics } = optimize(`${START}\nRUN chmod +x /server${end}`, loadFacts(), {
    strict: true,
    level: 'aggressive',
    select: ['use-distroless-base'],
  });
  expect(diagnostics).toEqual([]);
  expect(output).toBe(START.replace('alpine:3.20', 'gcr.io/distroless/static-debian12') + end);
});
