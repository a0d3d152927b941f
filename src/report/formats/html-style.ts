/** How the page looks: light and dark, on a desk and on a phone. Its hash is in the page's policy. */

export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --dim: #57606a; --line: #d0d7de;
  --card: #f6f8fa; --link: #0550ae; --del: #ffebe9; --del-mark: #ffc1ba; --add: #dafbe1;
  --add-mark: #9be9ac; --whole: #54708f; --less: #1a7f37; --more: #b42318; --error: #a40e26; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0d1117; --text: #e6edf3; --dim: #9ea7b3; --line: #3d444d; --card: #161b22;
    --link: #79c0ff; --del: #3c1618; --del-mark: #7d2328; --add: #12301c; --add-mark: #1f6a35;
    --whole: #7d99b8; --less: #3fb950; --more: #ff7b72; --error: #ff9a93; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem; background: var(--back);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, :target { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 2.5rem; } h3 { font-size: 1.1rem; }
code, .code, .number { font-family: ui-monospace, monospace; font-size: .875rem; }
.skip { position: absolute; left: -100vw; }
.skip:focus { position: static; }
.ears { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.note, .meta { color: var(--dim); }
.error { color: var(--error); }
figure { margin: 1rem 0; } figcaption { font-weight: 600; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
.bars { margin-bottom: 1rem; }
.bars th { text-align: left; font-weight: 400; padding-right: 1rem; width: 30%; }
.bars .value { text-align: right; white-space: nowrap; padding-right: 1rem; width: 8rem; }
svg { display: block; width: 100%; height: .75rem; }
.whole { fill: var(--whole); } .less { fill: var(--less); } .more { fill: var(--more); }
.diff { table-layout: fixed; border: 1px solid var(--line); }
.diff thead th { text-align: left; color: var(--dim); font-weight: 400; padding: 0 .5rem; }
.diff th:nth-child(odd):not([colspan]) { width: 4rem; text-align: right; }
.hunk th { text-align: left; font-weight: 400; color: var(--dim); background: var(--card);
  padding: .125rem .5rem; }
.number { text-align: right; vertical-align: top; color: var(--dim); padding: 0 .5rem; }
.code { white-space: pre-wrap; vertical-align: top; padding: 0 .5rem 0 1.25rem; position: relative;
  tab-size: 4; }
.none { background: var(--card); }
.code.del, .number.del { background: var(--del); color: var(--text); }
.code.add, .number.add { background: var(--add); color: var(--text); }
.sign { position: absolute; left: .375rem; }
del { background: var(--del-mark); text-decoration: none; }
ins { background: var(--add-mark); text-decoration: none; }
.cards { list-style: none; padding: 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
.cards li { background: var(--card); border: 1px solid var(--line); border-left: .375rem solid var(--whole);
  border-radius: .375rem; padding: .75rem 1rem; }
.cards li.applied { border-left-color: var(--less); }
.cards li.advice { border-left-color: var(--more); }
.cards h4 { margin: 0; font-size: 1rem; } .cards p { margin: .25rem 0; }
summary { cursor: pointer; }
section > details { margin-top: 1rem; }
@media (max-width: 44rem) {
  .diff, .diff tbody, .bars, .bars tbody { display: block; }
  .diff thead { display: none; }
  .diff tr { display: grid; grid-template-columns: 3.25rem 1fr; }
  .diff tr.hunk { display: block; } .hunk th { display: block; }
  .diff .none, .diff tr.same td:nth-child(n + 3) { display: none; }
  .diff caption, .bars caption { display: block; }
  .bars tr { display: grid; grid-template-columns: 1fr auto; padding-bottom: .5rem; }
  .bars th, .bars .value { width: auto; }
  .bars .bar { grid-column: 1 / -1; }
}
`;
