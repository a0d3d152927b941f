/** The gate on a stage that was divided: what the shipped part lost is found without a build. */
import { expect, it } from 'vitest';
import splitStages from '../passes/split-stages.ts';
import type { BuildContext } from '../src/analysis/context.ts';
import type { Dockerfile, Instruction } from '../src/dockerfile/model.ts';
import { withText } from '../src/dockerfile/parse.ts';
import { loadFacts } from '../src/facts/load.ts';
import { definePass } from '../src/pass.ts';
import { optimize } from '../src/pipeline.ts';
import { contextFrom, type Tree } from './support/contexts.ts';

const facts = loadFacts();

const INPUT = `FROM golang:1.24
ARG REVISION=1
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
RUN useradd --system server
WORKDIR /app
COPY . .
RUN go build -o /app/server .
RUN chown -R server:server /app
RUN mkdir -p /var/lib/server && echo "$REVISION" > /var/lib/server/revision
ENV MODE=production
LABEL team=web
EXPOSE 8080
USER server
HEALTHCHECK CMD curl --fail http://localhost:8080/
CMD ["/app/server"]
`;

const TREE: Tree = {
  'go.mod': 'module example.com/server\n\ngo 1.24\n',
  'main.go': `package main

import "net/http"

func main() {
	http.Handle("/", http.FileServer(http.Dir("static")))
	http.ListenAndServe(":8080", nil)
}
`,
  'static/index.html': '<p>hello</p>\n',
};

type Edit = (text: string) => string | readonly string[] | undefined;

/** Divides as the pass does, and then makes of each instruction that is shipped what the edit says. */
const spoiled = (edit: Edit, base?: string) =>
  definePass({
    ...splitStages,
    run: (file, scope) => {
      const next = splitStages.run(file, scope);
      return next === file ? file : edited(next, edit, base);
    },
  });

function edited(file: Dockerfile, edit: Edit, base: string | undefined): Dockerfile {
  const stage = file.stages.at(-1)!;
  const { from } = stage;
  const instructions = stage.instructions.flatMap((each): Instruction[] => {
    const texts = edit(each.text);
    if (texts === undefined) return [];
    return [texts].flat().map((text) => (text === each.text ? each : withText(each, text)));
  });
  const text = base === undefined ? from.text : `FROM ${base}`;
  const shipped = { ...stage, from: withText(from, text), instructions };
  return { ...file, stages: [...file.stages.slice(0, -1), shipped] };
}

function findings(edit: Edit, tree: Tree = TREE, input = INPUT, base?: string): string {
  const context: BuildContext = contextFrom({ Dockerfile: input, ...tree });
  const passes = [spoiled(edit, base)];
  const { output, diagnostics } = optimize(input, facts, { passes, context });
  if (output === input) return diagnostics.map(({ message }) => message).join('\n');
  expect(diagnostics).toEqual([]);
  return 'taken';
}

const replaced =
  (old: string | RegExp, next: string): Edit =>
  (text) =>
    text.replace(old, next);

const without =
  (pattern: RegExp): Edit =>
  (text) =>
    pattern.test(text) ? undefined : text;

it('takes what the pass itself makes', () => {
  expect(findings((text) => text)).toBe('taken');
});

it.each<readonly [string, Edit, RegExp]>([
  ['a variable is lost', without(/^ENV/), /ENV MODE changed/],
  ['a variable has another value', replaced('production', 'debug'), /ENV MODE changed/],
  ['a variable is new', replaced('ENV MODE', 'ENV COLOR=red MODE'), /ENV COLOR is new/],
  [
    'what the build does not make is copied',
    replaced('--chown=server:server /app/server', '--chown=server:server /app/other'),
    /the build makes no \/app\/other/,
  ],
  ['the program lies elsewhere', replaced('./server', './bin/server'), /\/app\/server is left/],
  ['the program is left behind', without(/^COPY --from/), /\/app\/server is left behind/],
  ['a package is lost', replaced(' ffmpeg', ' '), /ffmpeg/],
  ['all packages are lost', without(/^RUN apt-get/), /curl|ffmpeg/],
  ['what a check calls is lost', replaced('ffmpeg curl', 'ffmpeg'), /curl/],
  ['the account is lost', without(/^RUN useradd/), /no account "server"/],
  ['the owner of the program is lost', replaced('--chown=server:server ', ''), /owner/],
  ['the label changed', replaced('team=web', 'team=shop'), /Labels changed/],
  ['the label is lost', without(/^LABEL/), /Labels changed/],
  ['the port is lost', without(/^EXPOSE/), /ExposedPorts changed/],
  ['the account does not run it', without(/^USER/), /User changed/],
  ['it is not checked', without(/^HEALTHCHECK/), /Healthcheck changed/],
  ['it starts otherwise', replaced('["/app/server"]', '["/app/server", "-v"]'), /Cmd changed/],
  ['the folder is another', replaced('WORKDIR /app', 'WORKDIR /srv'), /WorkingDir changed/],
  ['no folder is named', without(/^WORKDIR/), /WorkingDir changed/],
  ['the argument of a step is lost', without(/^ARG/), /reads another REVISION/],
  ['the argument of a step is another', replaced('REVISION=1', 'REVISION=2'), /another REVISION/],
  ['a file goes elsewhere', replaced('static ./static', 'static ./assets'), /static\/index.html/],
  ['a file of the program is left behind', without(/^COPY .*static/), /static\/index.html/],
  ['a step of the program is left behind', without(/^RUN mkdir/), /\/var\/lib\/server/],
])('finds that %s', (_, edit, expected) => {
  expect(findings(edit)).toMatch(expected);
});

it('finds a file of the build context that is laid over the program', () => {
  const tree = { ...TREE, server: { bytes: 5e6, isExecutable: true } };
  expect(findings((text) => text, tree)).toBe('taken');
  const again: Edit = (text) =>
    text.startsWith('COPY --chown') ? [text, 'COPY --chown=server:server . .'] : text;
  expect(findings(again, tree)).toMatch(/server of the build context is in the way/);
});

it('finds a program on a system that is older than its libc', () => {
  expect(findings((text) => text, TREE, INPUT, 'debian:bullseye-slim')).toMatch(/FROM changed/);
});

it('finds a name that stands for something from outside', () => {
  const input = INPUT.replace('ENV MODE', 'COPY --from=build settings.json /etc/\nENV MODE');
  const pass = definePass({
    ...splitStages,
    level: 'aggressive',
    run: (file, scope) => {
      const next = splitStages.run(file, {
        ...scope,
        missed: scope.missed.bind(scope),
        propose: (one, proposal, was, edit) =>
          scope.propose(
            one,
            { ...proposal, ...(proposal.splits !== undefined && { splits: 'build' }) },
            was,
            edit,
          ),
      });
      if (next === file) return file;
      const [build, shipped] = next.stages;
      return {
        ...next,
        stages: [
          {
            ...build!,
            from: withText(build!.from, 'FROM golang:1.24 AS build'),
          },
          {
            ...shipped!,
            instructions: shipped!.instructions.map((each) =>
              withText(each, each.text.replace('--from=builder', '--from=build')),
            ),
          },
        ],
      };
    },
  });
  const context = contextFrom({ Dockerfile: input, ...TREE });
  const { output, diagnostics } = optimize(input, facts, {
    passes: [pass],
    context,
    level: 'aggressive',
  });
  expect(output).toBe(input);
  expect(diagnostics.map(({ message }) => message).join('\n')).toMatch(/the name build is taken/);
});

const FETCHED = `FROM python:3.9
WORKDIR /srv
RUN curl -fsSL https://bootstrap.pypa.io/get-pip.py -o get-pip.py && python get-pip.py
RUN apt-get update && apt-get install -y build-essential && rm -rf /var/lib/apt/lists/*
RUN pip install schedule==1.2.0
COPY tides.py .
RUN mkdir -p /var/lib/tides
CMD ["python", "tides.py"]
`;

it.each([
  [
    'a file that only the build has',
    'rm get-pip.py',
    /nothing writes \/srv\/get-pip\.py, which is/,
  ],
  ['it by a pattern', 'rm -v get-*.py', /nothing writes \/srv\/get-\*\.py, which is/],
  ['it if it is there', 'rm -f get-pip.py', /^taken$/],
  ['what it wrote itself', 'touch get-pip.py && rm get-pip.py', /^taken$/],
  ['what a COPY brings', 'rm tides.py', /^taken$/],
])('looks whether the shipped image deletes %s', (_, command, expected) => {
  const edit = replaced(/^RUN mkdir .*/, `$& && ${command}`);
  expect(findings(edit, { 'tides.py': 'import schedule\n' }, FETCHED)).toMatch(expected);
});
