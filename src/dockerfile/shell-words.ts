/** The pieces that the shell puts a word together from. */
import type { ParameterExpansionPart, Word, WordPart } from 'unbash';
import type { WordPiece } from './shell-nodes.ts';

/** The pieces of a word of the shell parser's tree, in order. */
export function piecesOf(node: Word): readonly WordPiece[] {
  // A continuation inside a word: what the parser makes of it is not what the shell does.
  if (/\\\n/.test(node.text.replace(/(\\\n *)+$/, ''))) return [other(node.text, false)];
  // bash, and it alone, also reads `of=~/x` so.
  const home = /^([A-Za-z_]\w*=)?~([a-z_][\w.-]*)?(?=\/|$)/i.exec(node.text);
  const pieces = node.parts
    ? node.parts.flatMap((part) => pieceOf(part, false))
    : [text(node.value, isQuoted(node.text))];
  if (!home) return pieces;
  const [first, ...rest] = pieces;
  if (first?.kind !== 'text') return pieces;
  const [whole, name = '', user = ''] = home;
  const after = first.text.slice(whole.length);
  return [
    ...(name === '' ? [] : [text(name, true)]),
    { kind: 'home', user },
    ...(after === '' ? [] : [text(after)]),
    ...rest,
  ];
}

/** Quotes or escapes keep blanks and globs from meaning anything. */
function isQuoted(source: string): boolean {
  return /["'\\]/.test(source);
}

function text(value: string, quoted = false): WordPiece {
  return { kind: 'text', text: value, quoted };
}

function other(source: string, quoted: boolean): WordPiece {
  return { kind: 'other', text: source, quoted };
}

function pieceOf(part: WordPart, quoted: boolean): readonly WordPiece[] {
  switch (part.type) {
    case 'Literal':
      return [text(part.value, quoted || isQuoted(part.text))];
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [text(part.value, true)];
    case 'DoubleQuoted':
    case 'LocaleString': {
      const inner = part.parts.flatMap((each) => pieceOf(each, true));
      return inner.length === 0 ? [text('', true)] : inner;
    }
    case 'SimpleExpansion': {
      const name = part.text.slice(1);
      return [{ kind: 'variable', name, operator: '', operand: [], text: part.text, quoted }];
    }
    case 'ParameterExpansion':
      return [parameter(part, quoted)];
    case 'Glob':
    case 'ExtendedGlob':
      return [{ kind: 'glob', text: part.text }];
    case 'BraceExpansion':
      return [{ kind: 'braces', text: part.text }];
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
      return [other(part.text, quoted)];
  }
}

function parameter(part: ParameterExpansionPart, quoted: boolean): WordPiece {
  const { operation, parameter: name, text: source } = part;
  if (part.prefix !== undefined || part.index) return other(source, quoted);
  const base = { kind: 'variable', name, text: source, quoted } as const;
  if (!operation) return { ...base, operator: '', operand: [] };
  if (operation.type !== 'Default' && operation.type !== 'Remove') return other(source, quoted);
  return { ...base, operator: operation.operator, operand: piecesOf(operation.operand) };
}
