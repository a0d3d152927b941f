/** Sizes by an image that a real engine built, held against what the engine says of it. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dfopt, folderWith } from '../cli/support.ts';
import { BASE, docker, env, hasDocker, SLOW_MS, warnWhereSkipped } from './support.ts';

warnWhereSkipped();

const TEXT = `FROM ${BASE} AS below
ARG SIZE=1000000
ENV NAME="a b"
WORKDIR /app
RUN head -c $SIZE /dev/zero > /big \\
    # why
    && ln /big /again && rm /etc/motd || true

FROM below
COPY --chown=1:1 src "$NAME" ./
RUN <<EOF
head -c 4321 /dev/zero > /small
  chmod 600 /big
EOF
RUN ["sh", "-c", "echo x > /exec"]
COPY <<EOF /here
text
EOF
COPY --link --from=below /big /copy
RUN true
CMD ["cat", "/here"]
`;

interface Json {
  readonly bytes: number;
  readonly basis: string;
  readonly lines: readonly {
    readonly line: number;
    readonly bytes: number;
    readonly basis: string;
  }[];
}

describe.skipIf(!hasDocker)('the size of an image in an engine', { timeout: SLOW_MS }, () => {
  it('is what the engine says, by its history, by an archive and by a folder', async () => {
    const tag = `dfopt-test-${randomBytes(6).toString('hex')}`;
    const cwd = folderWith({ Dockerfile: TEXT, 'src/one': 'x'.repeat(777), 'a b': 'y'.repeat(33) });
    docker('buildx', 'build', '--quiet', '--load', `--tag=${tag}`, cwd);
    onTestFinished(() => void docker('image', 'rm', tag));
    const inspected = Number(docker('image', 'inspect', '--format={{.Size}}', tag));
    const base = Number(docker('image', 'inspect', '--format={{.Size}}', BASE));
    expect(inspected).toBeGreaterThan(base);
    const sizeBy = async (image: string): Promise<Json> => {
      const args = ['size', '--format=json', `--image=${image}`];
      const { status, stdout, stderr } = await dfopt(args, { cwd, env });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return JSON.parse(stdout) as Json;
    };
    const found = await sizeBy(tag);
    expect(found).toMatchObject({
      bytes: inspected,
      low: inspected,
      high: inspected,
      basis: 'measured',
    });
    const bytesAt = (line: number): number =>
      found.lines.filter((each) => each.line === line).reduce((sum, { bytes }) => sum + bytes, 0);
    // The second one has all of /big once more, as its mode is another.
    expect([1, 5, 10, 11, 15, 16, 19].map(bytesAt)).toEqual([
      base,
      1_000_000,
      810,
      1_004_321,
      2,
      5,
      1_000_000,
    ]);
    docker('save', `--output=${join(cwd, 'saved.tar')}`, tag);
    expect(await sizeBy('saved.tar')).toEqual(found);
    mkdirSync(join(cwd, 'layout'));
    execFileSync('tar', ['-xf', 'saved.tar', '-C', 'layout'], { cwd });
    expect(await sizeBy('layout')).toEqual(found);
  });

  it('is not that of an image that is not there', async () => {
    const cwd = folderWith({ Dockerfile: TEXT });
    const { status, stderr } = await dfopt(['size', '--image=dfopt-test-none'], { cwd, env });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^dfopt: --image: dfopt-test-none: .*[Nn]o such image/);
  });
});
