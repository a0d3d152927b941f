import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { marked } from 'marked';

const layout = readFileSync('theme/layout.html', 'utf8');
const page = (title, content) => layout.replaceAll('%title%', title).replace('%content%', content);

mkdirSync('public', { recursive: true });
const titles = new Map();
for (const file of readdirSync('posts').sort()) {
  const text = readFileSync(`posts/${file}`, 'utf8');
  const name = basename(file, '.md');
  titles.set(name, /^# (.*)$/m.exec(text)[1]);
  writeFileSync(`public/${name}.html`, page(titles.get(name), marked.parse(text)));
}

const links = [...titles].map(([name, title]) => `<li><a href="/${name}">${title}</a>`);
writeFileSync('public/index.html', page('Logbook', `<ol>${links.join('')}</ol>`));
cpSync('theme/ink.css', 'public/ink.css');
console.log(titles.size, 'posts');
