const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { userInfo } = require('node:os');
const ms = require('ms');

const started = Date.now();
const file = process.env.NOTES_FILE;

// Fails here, not at the first note, when the folder is not ours. The other file shows that the working directory is.
appendFileSync(file, '');
writeFileSync('notes.pid', String(process.pid));

createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/add') {
    appendFileSync(file, url.searchParams.get('note') + '\n');
    response.end('noted\n');
  } else if (url.pathname === '/about') {
    response.end(`run by ${userInfo().username} for ${ms(Date.now() - started)}\n`);
  } else {
    response.end(readFileSync(file));
  }
}).listen(5000);
