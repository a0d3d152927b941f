/**
 * Cuts a script into what most runs call and what only some do. A function that nobody called while
 * the script was tried out goes into a piece of its family, with the tables that only that piece
 * reads; in its place stands a stand-in that loads the piece and calls the function in it.
 *
 * A worker may load a script and wait for it (`importScripts`), so that what is synchronous stays
 * synchronous, and no line of the core knows of it. All pieces share the global scope, as classic
 * scripts do. What is put off must be free of side effects, as every module of the core is.
 */
import { parseAst } from 'vite';

/**
 * @typedef {{
 *   readonly name: string | undefined,
 *   readonly text: string,
 *   readonly canWait: boolean,
 *   readonly isUsed: boolean,
 *   readonly family: string,
 *   readonly uses: ReadonlyMap<string, boolean>,
 *   readonly follows?: string,
 * }} Unit A declaration at the top, or a statement without a name. `uses`: the names at the top that it
 * refers to, and whether it does more with them than calling them or handing them on. `follows`: the name
 * of what it is a part of.
 */

/** @typedef {'by the first' | 'by loading' | 'by others' | undefined} User */

/** Of what is run at once. */
const START = '';

/**
 * @param {string} code minified, one scope for all modules
 * @param {(earliest: number, latest: number, end: number) => User} usedBy
 * who called the function that ends there, and begins between the other two offsets
 * @param {(offset: number, user: User) => string} familyOf which piece code belongs to, should it be put off
 * @returns {{ start: string, pieces: Map<string, { code: string, entries: string[] }> }} of each piece
 * the functions for which others need a stand-in
 */
export function cutUp(code, usedBy, familyOf) {
  const units = unitsOf(code, usedBy, familyOf);
  const places = placesOf(units);
  const textOf = (place) =>
    units.flatMap((unit) => (places.get(unit) === place ? unit.text : [])).join('\n');
  const pieces = new Map();
  for (const family of [...new Set(places.values())].filter((each) => each !== START).sort()) {
    const isInside = (unit) => places.get(unit) === family;
    const wanted = new Set(units.flatMap((unit) => (isInside(unit) ? [] : [...unit.uses.keys()])));
    const entries = units
      .filter((unit) => isInside(unit) && wanted.has(unit.name))
      .map(({ name }) => name);
    pieces.set(family, { code: textOf(family), entries });
  }
  return { start: textOf(START), pieces };
}

/** @returns {Unit[]} */
function unitsOf(code, usedBy, familyOf) {
  const { body } = parseAst(code);
  const parts = body.flatMap(partsOf);
  const lifted = parts.flatMap((part) => liftable(code, part, usedBy));
  const byNode = new Map(
    lifted.map((lift, index) => [lift.node, { ...lift, name: `lifted${index}` }]),
  );
  const names = new Set(parts.flatMap(({ name }) => name ?? []));
  const usesIn = (root, own) => {
    const uses = new Map();
    visit(root, undefined, undefined, (node, parent, key) => {
      const lift = node === root ? undefined : byNode.get(node);
      if (lift) uses.set(lift.name, false);
      else if (node.type === 'Identifier' && names.has(node.name)) {
        uses.set(node.name, (uses.get(node.name) ?? false) || isMoreThanCall(parent, key));
      }
      return lift === undefined;
    });
    uses.delete(own);
    return uses;
  };
  const units = parts.map(({ node, name, value, isVariable }) => {
    const isFunction = isFunctionNode(value);
    const user = isFunction ? usedBy(value.start, value.start, value.end) : undefined;
    const edits = [...byNode.values()].filter(
      (lift) => lift.node.start >= node.start && lift.node.end <= node.end,
    );
    const text = edited(code, node, edits);
    return {
      name,
      text: isVariable ? `var ${text};` : text,
      // One that tables are made with has to be where they are.
      canWait: isFunction && user !== 'by loading',
      isUsed: user === 'by the first',
      family: familyOf(node.start, user),
      uses: usesIn(node, name),
      follows: name === undefined ? ownerOf(node, names) : undefined,
    };
  });
  const waiting = [...byNode.values()].map(({ node, name, text, outer, user }) => ({
    name,
    text: `${text(name)};`,
    canWait: true,
    isUsed: false,
    family: familyOf(node.start, user),
    uses: new Map([...usesIn(node, name), ...outer.map((each) => [each, true])]),
  }));
  return [...units, ...waiting];
}

function partsOf(node) {
  const isNamed = node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration';
  if (isNamed) return [{ node, name: node.id.name, value: node, isVariable: false }];
  if (node.type !== 'VariableDeclaration') {
    return [{ node, name: undefined, value: undefined, isVariable: false }];
  }
  return node.declarations.map((each) => ({
    node: each,
    name: each.id.name,
    value: each.init ?? undefined,
    isVariable: true,
  }));
}

/** `a.b = …` belongs to a. */
function ownerOf({ expression }, names) {
  if (expression?.type !== 'AssignmentExpression') return undefined;
  const { object } = expression.left;
  return object?.type === 'Identifier' && names.has(object.name) ? object.name : undefined;
}

function isFunctionNode(node) {
  return /^(Function|ArrowFunction)/.test(node?.type ?? '');
}

/** In letters: for less, a stand-in is not worth it. */
const LEAST = 200;

/**
 * Methods of classes and functions in tables that nobody called. Their names are all at the top, so
 * that they can lie there themselves.
 */
function liftable(code, { node: top, name: outer, value }, usedBy) {
  if (isFunctionNode(value)) return [];
  // `var a = class b {}`: methods may call it b.
  const inner = value?.type === 'ClassExpression' ? value.id?.name : undefined;
  const found = [];
  visit(top, undefined, undefined, (node, parent, key) => {
    // Classes inside others have names of their own.
    if (/^Class(Expr|Decl)/.test(node.type) && node !== value) return false;
    // What is made anew with each object knows it as `this`.
    if (node.type === 'PropertyDefinition' || node.type === 'StaticBlock') return false;
    const isMethod =
      node.type === 'MethodDefinition' || (node.type === 'Property' && node.method === true);
    const body = isMethod ? node.value : node;
    if (!isFunctionNode(body)) return true;
    const isPlain =
      !body.async &&
      !body.generator &&
      (!isMethod || /^(method|init)$/.test(node.kind)) &&
      (isMethod || key === 'value' || key === 'arguments') &&
      !/\bsuper\b|\bnew\.target\b|#\w/.test(code.slice(body.start, body.end));
    if (!isPlain || body.end - body.start < LEAST) return false;
    const user = usedBy(node.start, body.start, body.end);
    if (user === 'by the first' || user === 'by loading') return false;
    const text = code.slice(body.start, body.end);
    found.push({
      node: body,
      user,
      standIn: (name) => (isMethod ? `(){return ${name}.apply(this,arguments)}` : name),
      text: (name) => {
        const whole = isMethod ? `function${text}` : text;
        return `var ${name}=${inner === undefined ? whole : `(${inner}=>${whole})(${outer})`}`;
      },
      outer: inner === undefined ? [] : [outer],
    });
    return false;
  });
  return found;
}

function edited(code, { start, end }, lifts) {
  let text = '';
  let at = start;
  for (const { node, name, standIn } of lifts) {
    text += code.slice(at, node.start) + standIn(name);
    at = node.end;
  }
  return text + code.slice(at, end);
}

/** All nodes but names of properties; `see` says whether to look inside. */
function visit(node, parent, key, see) {
  if (!see(node, parent, key)) return;
  for (const [name, value] of Object.entries(node)) {
    const isName =
      !node.computed &&
      ((name === 'property' && node.type === 'MemberExpression') ||
        (name === 'key' && /^(Property|MethodDefinition|PropertyDefinition)$/.test(node.type)));
    if (isName || name === 'label') continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') visit(child, node, name, see);
    }
  }
}

/** Where a stand-in would not do. */
function isMoreThanCall({ type, operator }, key) {
  return (
    (type === 'NewExpression' && key === 'callee') ||
    (type === 'MemberExpression' && key === 'object') ||
    (type === 'BinaryExpression' && /^([!=]=|instanceof|in)/.test(operator)) ||
    (type === 'AssignmentExpression' && key === 'left') ||
    type === 'UpdateExpression' ||
    key === 'superClass'
  );
}

/** @param {readonly Unit[]} units */
function placesOf(units) {
  const users = new Map();
  for (const unit of units) {
    for (const [name, isMore] of unit.uses) {
      const found = users.get(name) ?? [];
      found.push({ unit, isMore });
      users.set(name, found);
    }
  }
  const byName = new Map(units.map((unit) => [unit.name, unit]));
  const isFixed = ({ name, isUsed, follows }) => isUsed || (name ?? follows) === undefined;
  const places = new Map(units.map((unit) => [unit, isFixed(unit) ? START : unit.family]));
  const moved = new Set();
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false;
    for (const unit of units) {
      if (places.get(unit) === START) continue;
      if (unit.follows !== undefined) {
        const place = places.get(byName.get(unit.follows));
        hasMoved ||= places.get(unit) !== place;
        places.set(unit, place);
        continue;
      }
      const strict = (users.get(unit.name) ?? []).filter(({ isMore }) => isMore || !unit.canWait);
      const wanted = new Set(strict.map((user) => places.get(user.unit)));
      const place = places.get(unit);
      if (wanted.size === 0 || (wanted.size === 1 && wanted.has(place))) continue;
      // Where one other piece alone wants it, it goes there; else all may have it.
      const [only] = wanted;
      places.set(unit, wanted.size === 1 && !moved.has(unit) ? only : START);
      moved.add(unit);
      hasMoved = true;
    }
  }
  return places;
}

/**
 * What stands in front of the first script: a stand-in for every function that lies elsewhere. A page,
 * unlike a worker, cannot wait for a script: there they throw.
 *
 * @param {readonly { file: string, entries: readonly string[] }[]} pieces
 */
export function standIns(pieces) {
  const table = pieces.map(({ file, entries }) => [file, entries.join(' ')]);
  return `"use strict";
(() => {
  const isWorker = "importScripts" in self;
  const policy =
    isWorker && self.trustedTypes?.createPolicy("dfopt-worker", { createScriptURL: (url) => url });
  self.loadPiece = (file) => {
    try {
      if (!isWorker) throw new Error("a page cannot wait for " + file);
      importScripts(policy ? policy.createScriptURL(file) : file);
    } catch (error) {
      self.missingPiece = file;
      throw error;
    }
  };
  for (const [file, names] of ${JSON.stringify(table)}) {
    let isThere = false;
    const load = () => {
      if (isThere) return;
      loadPiece(file);
      isThere = true;
    };
    for (const name of names.split(" ")) {
      self[name] = function () {
        load();
        return self[name].apply(this, arguments);
      };
    }
  }
})();
`;
}
