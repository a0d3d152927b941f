/** Shell code as a tree of our own: what runs in which shell, in which order, and under which condition. */
import type { Range } from './model.ts';

/** A part of a word, as the shell puts words together. */
export type WordPiece =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      /** `''`, or one of `-`, `:-`, `+`, `:+`, `?`, `:?`, `=`, `:=`, `#`, `##`, `%`, `%%`. */
      readonly operator: string;
      readonly operand: readonly WordPiece[];
      /** As written. */
      readonly text: string;
      readonly quoted: boolean;
    }
  /** `*`, `?` or brackets that match file names. */
  | { readonly kind: 'glob'; readonly text: string }
  /** `{a,b}`: bash reads it as several words, dash as itself. */
  | { readonly kind: 'braces'; readonly text: string }
  /** `~` or `~name` at the start of a word, or behind `name=`, where only bash reads it so. */
  | { readonly kind: 'home'; readonly user: string }
  /** A command's output, arithmetic, an array, or a form of `${}` that is not followed. */
  | { readonly kind: 'other'; readonly text: string; readonly quoted: boolean };

export interface ShellWord extends Range {
  /** As written in the shell's source. */
  readonly text: string;
  /** Its value where that is known: no expansion, no glob, no continuation inside. */
  readonly literal: string | undefined;
  /** It has a variable, a command or an arithmetic expansion. */
  readonly expands: boolean;
  /** What it is put together from. */
  readonly pieces: readonly WordPiece[];
}

/** What a command stands in, outermost first. */
export type Surrounding =
  | 'pipeline'
  | 'subshell'
  | 'group'
  | 'loop'
  | 'condition'
  | 'case'
  | 'function'
  | 'substitution'
  | 'negation'
  | 'background';

export interface Assignment extends Range {
  readonly name: string;
  readonly value: string | undefined;
  /** What the value is put together from; `undefined` for an array or one of its elements. */
  readonly pieces: readonly WordPiece[] | undefined;
  /** `NAME+=value`. */
  readonly appends: boolean;
}

export interface Redirection extends Range {
  readonly operator: string;
  readonly target: ShellWord | undefined;
}

/** `NAME=value program word … > file`: one command, wherever it stands. */
export interface SimpleCommand extends Range {
  /** The program first; empty where there are only assignments or redirections. */
  readonly words: readonly ShellWord[];
  readonly assignments: readonly Assignment[];
  readonly redirections: readonly Redirection[];
  readonly within: readonly Surrounding[];
  /** The code in its substitutions, in order; it runs before the command does. */
  readonly substitutions: readonly ShellList[];
  /** Index of the top-level chain that it is part of. */
  readonly chain: number;
  /** Index of the link of that chain. */
  readonly link: number;
  /** False where offsets into the text cannot be had (inside escaped backticks). */
  readonly editable: boolean;
}

/** Statements, one after the other. */
export type ShellList = readonly ShellNode[];

export type ShellNode =
  | { readonly type: 'command'; readonly command: SimpleCommand }
  | { readonly type: 'and-or'; readonly parts: readonly AndOrPart[] }
  | { readonly type: 'pipeline'; readonly commands: ShellList; readonly negated: boolean }
  | { readonly type: 'subshell' | 'group'; readonly body: ShellList }
  | { readonly type: 'if'; readonly branches: readonly Branch[]; readonly otherwise: ShellList }
  | {
      readonly type: 'loop';
      /** Of `while` and `until`; empty for the others. */
      readonly condition: ShellList;
      readonly variable: string | undefined;
      /** What `for` goes through, where it is written there. */
      readonly words: readonly ShellWord[] | undefined;
      readonly body: ShellList;
    }
  | { readonly type: 'case'; readonly branches: readonly ShellList[] }
  | { readonly type: 'function'; readonly name: string; readonly body: ShellList }
  | {
      /** A compound with redirections or with substitutions in its own words. */
      readonly type: 'redirected';
      readonly node: ShellNode;
      readonly redirections: readonly Redirection[];
      readonly substitutions: readonly ShellList[];
    }
  | { readonly type: 'background'; readonly node: ShellNode }
  /** `[[ … ]]` and `(( … ))`. */
  | { readonly type: 'test' };

export interface AndOrPart {
  /** What joins it to the part before; empty for the first. */
  readonly operator: '' | '&&' | '||';
  readonly node: ShellNode;
}

export interface Branch {
  readonly condition: ShellList;
  readonly body: ShellList;
}
