/** Which calls BusyBox understands as they were meant; compared with what the program itself says. */
import { expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { unknownUse } from '../../src/needs/crossing/tools.ts';

const facts = loadFacts();

const isKnown = (text: string): boolean => {
  const [name = '', ...args] = text.split(' ');
  return unknownUse(name, args, facts) === undefined;
};

it.each([
  'grep -qE a b',
  'grep -m1 -A2 a b',
  'sed -ri.bak s/a/b/ x',
  'sed -n 1,2p x',
  'tar xzf x.tgz --strip-components=1 -C /opt',
  'tar --strip-components 1 -xf x',
  'find . -type f -name *.pyc -delete',
  'find . -type d -exec chmod --recursive u+x {} +',
  'find . -mtime -1 -perm -4000',
  'xargs -r -n1 rm --force',
  'xargs -I{} echo -Z {}',
  'env -u A sed --null-data',
  'timeout -k 5 10 ps --forest',
  'sort -t: -k2,2n -u',
  'head -n -1 x',
  'head -5 x',
  'date -u +%F',
  'date -d @0 +%s',
  'wget -nv -O- http://example.com/',
  'wget -q --spider http://localhost/',
  'cut -d: -f1',
  'chmod -x a',
  'cp --parents -a a b',
  'install -Dm755 a b',
  'no-such-applet --anything',
])('knows %s', (text) => {
  expect(isKnown(text)).toBe(true);
});

it.each([
  'grep -Po a b',
  'grep --quiet a b',
  'sed -z s/a/b/ x',
  'sed s/\\(a\\)/\\U\\1/ x',
  'sed 0,/x/s//y/ x',
  'tar -I zstd -xf x',
  'tar --wildcards -xf x',
  'find . -printf %p',
  'find . -type f,d',
  'xargs -d x echo',
  'sort --version-sort x',
  'date -d yesterday',
  'date +%s%N',
  'mktemp --suffix=.x',
  'mktemp /tmp/aXXXXXX.txt',
  'ps -p 1',
  'ps -eo pid,%cpu',
  'readlink -m a',
  'realpath --relative-to=a b',
  'sha256sum --check --status x',
  'rm --recursive x',
  'dd if=a of=b status=progress',
  'nc -l 8080',
])('does not know %s', (text) => {
  expect(isKnown(text)).toBe(false);
});
