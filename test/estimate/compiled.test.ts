/** Do the languages say what real builds showed, and what stays open where nobody can tell? */
import { describe, expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { quantile } from '../lab/apt-measured.ts';
import {
  compareBuilds,
  compareCorpus,
  deviationOf,
  readMeasured,
  weightsOf,
  type Compared,
} from '../lab/measured-builds.ts';
import { contextFrom, type Tree } from '../support/contexts.ts';

const facts = loadFacts();

const weights = (run: string, tree: Tree, more = '', base = 'golang:1.24') =>
  weightsOf(
    `FROM ${base}\nWORKDIR /src\nCOPY . .\n${more}RUN ${run}\n`,
    contextFrom(tree, 'none'),
    facts,
  ).at(-1)!.weights;

const at = (path: string, all: ReturnType<typeof weights>) =>
  all.find((each) => each.path === path)?.amount;

const isInside = ({ estimate, bytes }: Compared): boolean =>
  estimate !== undefined && estimate.low <= bytes && bytes <= estimate.high;

describe('builds that were measured', () => {
  const compared = [...compareBuilds(facts), ...compareCorpus(facts)];
  const held = compared.filter((each) => each.isHeld);
  const errors = held.map((each) => Math.abs(deviationOf(each)));

  it('are at least fifty of five languages, twenty of them held back', () => {
    const languages = new Set(compared.map(({ name }) => name.split('/')[0]));
    expect(compared.length).toBeGreaterThanOrEqual(50);
    expect(languages).toEqual(new Set(['c', 'cpp', 'go', 'java', 'rust']));
    expect(held.length).toBeGreaterThanOrEqual(20);
  });

  it('are met within 8 % in the median where they were held back', () => {
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(0.08);
  });

  it('lie in the range in nine of ten', () => {
    expect(held.filter(isInside).length).toBeGreaterThanOrEqual(held.length * 0.9);
    expect(compared.filter(isInside).length).toBeGreaterThanOrEqual(compared.length * 0.9);
  });

  it('have their programs under the paths that were seen', () => {
    const names = new Map(readMeasured().map((each) => [each.name, Object.keys(each.paths)]));
    const lost = compared.flatMap(({ name, weights: all }) => {
      const paths = names.get(name) ?? [];
      const programs = all.filter(({ what }) => what.startsWith('the program'));
      return programs
        .filter(({ path }) => paths.length > 0 && !paths.includes(path))
        .map(({ path }) => `${name}: ${path}`);
    });
    expect(lost).toEqual([]);
  });
});

describe('Go', () => {
  const main = (...imports: readonly string[]): string =>
    `package main\n\nimport (\n${imports.map((each) => `\t"${each}"`).join('\n')}\n)\n\nfunc main() {}\n`;
  const tree: Tree = { 'go.mod': 'module example.com/app\n', 'main.go': main('fmt', 'net/http') };
  const cache = 'root/.cache/go-build';

  it('has less in a program that is stripped, and as much in the cache', () => {
    const plain = weights('go build -o /app .', tree);
    const stripped = weights('go build -ldflags="-s -w" -o /app .', tree);
    expect(at('app', stripped)!.bytes).toBeLessThan(at('app', plain)!.bytes * 0.75);
    expect(at(cache, stripped)).toEqual(at(cache, plain));
  });

  it('keeps its cache where variables say', () => {
    const all = weights('go build -o /app .', tree, 'ENV GOCACHE=/cache\n');
    expect(at('cache', all)!.bytes).toBeGreaterThan(80e6);
  });

  it('compiles the standard library once', () => {
    const all = weights('go build -o /app .', tree, 'RUN go vet ./...\n');
    expect(at(cache, all)!.bytes).toBeLessThan(1e6);
  });

  it('brought the standard library compiled before 1.20', () => {
    expect(at(cache, weights('go build -o /app .', tree, '', 'golang:1.19'))!.bytes).toBeLessThan(
      1e6,
    );
  });

  it('counts what is embedded', () => {
    const assets: Tree = {
      ...tree,
      'a.go': 'package main\n\nimport _ "embed"\n\n//go:embed data\nvar x []byte\n',
      data: 5_000_000,
    };
    const more =
      at('app', weights('go build -o /app .', assets))!.bytes -
      at('app', weights('go build -o /app .', tree))!.bytes;
    expect(more).toBeGreaterThan(4_900_000);
  });

  it('downloads modules, of which a range is told', () => {
    const modules: Tree = {
      'go.mod':
        'module example.com/app\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.10.0\n\texample.org/unheard v1.0.0\n)\n',
      'main.go': main('github.com/gin-gonic/gin', 'example.org/unheard/of'),
    };
    const found = at('go/pkg/mod', weights('go build -o /app .', modules))!;
    expect(found.high / found.low).toBeGreaterThan(2);
    expect(
      at('go/pkg/mod', weights('go build -o /app .', modules, 'RUN go mod download\n')),
    ).toBeUndefined();
  });

  it('is open where no source shows', () => {
    const all = weights('go install example.org/tool@latest', {});
    expect(at('go/bin/tool', all)!.high / at('go/bin/tool', all)!.low).toBeGreaterThan(10);
    expect(all.find(({ path }) => path === 'go/pkg/mod')).toMatchObject({ amount: undefined });
  });
});

const SMALL_CLASSES: Readonly<Record<string, string>> = {
  Hello: `public class Hello {
    public static void main(String[] args) {
        System.out.println("Hello");
    }
}
`,
  Moon: `/** Phases of the moon. */
public enum Moon {
    NEW, CRESCENT, HALF, GIBBOUS, FULL
}
`,
  Pair: `// Two things.
public record Pair(String first, int second) {
    String text() {
        return "first " + first + ", second " + second;
    }
}
`,
  Counter: `import java.util.HashMap;
import java.util.Map;

public class Counter {
    private final Map<String, Integer> counts = new HashMap<>();

    public void add(String word) {
        counts.merge(word, 1, Integer::sum);
    }

    public int of(String word) {
        return counts.getOrDefault(word, 0);
    }

    public void forget() {
        counts.entrySet().removeIf(entry -> entry.getValue() < 2);
    }
}
`,
};

describe('others', () => {
  it('have a fat archive of Spring Boot', () => {
    const pom = `<project><parent><artifactId>spring-boot-starter-parent</artifactId></parent><artifactId>shop</artifactId><version>1</version>
<dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>
<build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>`;
    const all = weights(
      'mvn package',
      { 'pom.xml': pom, 'src/main/java/A.java': 'class A {}' },
      '',
      'maven:3.9-eclipse-temurin-17',
    );
    expect(at('src/target/shop-1.jar', all)!.bytes).toBeGreaterThan(15e6);
    expect(at('root/.m2/repository', all)!.bytes).toBeGreaterThan(40e6);
  });

  // Compiled by javac 17 on 2026-11-22.
  it.each([
    ['Hello', 401],
    ['Moon', 944],
    ['Pair', 1569],
    ['Counter', 1933],
  ])('have classes of a kilobyte and less: %s', (name, measured) => {
    const { [name]: source } = SMALL_CLASSES;
    const tree = { [`${name}.java`]: source! };
    const [weight] = weights(`javac ${name}.java`, tree, '', 'eclipse-temurin:17-jdk');
    expect(Math.abs(weight!.amount!.bytes / measured - 1)).toBeLessThan(0.3);
    expect(weight!.amount!.low).toBeLessThan(measured);
    expect(weight!.amount!.high).toBeGreaterThan(measured);
  });

  it('have counted archives of libraries, those that two of them need once', () => {
    const archive = (...names: readonly string[]): number => {
      const asked = names.map((name) => {
        const [group, artifact] = name.split(':');
        return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId></dependency>`;
      });
      const pom = `<project><artifactId>a</artifactId><version>1</version><dependencies>${asked.join('')}</dependencies><build><plugins><plugin><artifactId>maven-shade-plugin</artifactId></plugin></plugins></build></project>`;
      const tree = { 'pom.xml': pom, 'src/main/java/A.java': 'class A {}' };
      const all = weights('mvn package', tree, '', 'maven:3.9-eclipse-temurin-17');
      return at('src/target/a-1.jar', all)!.bytes;
    };
    const [core, databind] = ['jackson-core', 'jackson-databind'].map(
      (name) => `com.fasterxml.jackson.core:${name}`,
    );
    expect(archive('org.apache.commons:commons-lang3') - archive()).toBeGreaterThan(500_000);
    expect(archive('org.apache.commons:commons-lang3') - archive()).toBeLessThan(700_000);
    expect(archive(databind!) - archive()).toBeGreaterThan(1_900_000);
    // Only its own lines in the pom are more.
    expect(archive(databind!, core!) - archive(databind!)).toBeLessThan(100);
    expect(archive('example:unheard-of') - archive()).toBeGreaterThan(1_000_000);
  });

  it('have the Gradle that the wrapper names', () => {
    const tree = (kind: string): Tree => ({
      gradlew: { text: '#!/bin/sh\n', isExecutable: true },
      'build.gradle': "plugins { id 'java' }\n",
      'gradle/wrapper/gradle-wrapper.properties': `distributionUrl=https\\://example.org/gradle-9.7.1-${kind}.zip\n`,
    });
    const of = (kind: string) =>
      at(
        'root/.gradle/wrapper/dists',
        weights('./gradlew build', tree(kind), '', 'eclipse-temurin:17-jdk'),
      )!;
    expect(of('bin').bytes).toBe(160e6);
    expect(of('all').bytes).toBe(517e6);
  });

  it('say that they do not know what a fetched project of C makes', () => {
    const all = weights('make', {}, '', 'gcc:12');
    expect(all).toMatchObject([{ path: 'src', amount: undefined }]);
  });

  it('have no crates in the registry where the lockfile names none', () => {
    const tree: Tree = {
      'Cargo.toml': '[package]\nname = "a"\n',
      'Cargo.lock': '[[package]]\nname = "a"\n',
      'src/main.rs': 'fn main() {}\n',
    };
    const all = weights('cargo build --release', tree, '', 'rust:1.96');
    expect(at('usr/local/cargo/registry', all)).toBeUndefined();
    expect(at('src/target/release/a', all)!.bytes).toBeGreaterThan(400_000);
  });

  it('count no path twice, nor one in another', () => {
    for (const { weights: all } of compareBuilds(facts)) {
      const paths = all.map(({ path }) => path);
      const inner = paths.filter((path, index) =>
        paths.some((other, place) => place !== index && path.startsWith(`${other}/`)),
      );
      expect(inner).toEqual([]);
    }
  });
});

describe('the rows of Go', () => {
  const { names, rows, keepsMethods, modulesImport } = facts.compiledWeights.go;
  const all = names.split(' ');

  it('have a line for each package, and imports that are packages', () => {
    const lines = rows.split('\n');
    expect(lines).toHaveLength(all.length);
    const places = lines.flatMap((line) => (line.split(',')[1] ?? '').match(/[0-9a-z]+/g) ?? []);
    expect(Math.max(...places.map((each) => Number.parseInt(each, 36)))).toBeLessThan(all.length);
    expect(all).toEqual(expect.arrayContaining([...keepsMethods, ...modulesImport]));
  });
});
