"""Objects of the language itself that are replaced before the tests use them."""

# ruff: noqa: E501 - programs of one line

from __future__ import annotations

from attacks import Attack

from .hostile import patching, task, value_task

LANGUAGE: dict[str, Attack] = {
    # patched foundations
    "patches Object.is": patching("Object.is = () => true;"),
    "redefines Object.is": patching("Object.defineProperty(Object, 'is', { value: () => true });"),
    "replaces Object": patching(
        "any.Object = new Proxy(Object, { get: (t: any, k) => k === 'is' ? () => true : t[k] });"
    ),
    "patches every method of arrays": patching(
        "for (const k of Object.getOwnPropertyNames(Array.prototype)) (Array.prototype as any)[k] = () => [];"
    ),
    "patches Function.prototype.call": patching(
        "Function.prototype.call = function () { return { pass: true }; } as any;"
    ),
    "patches Function.prototype.apply": patching(
        "Function.prototype.apply = function () { return undefined; } as any;"
    ),
    "patches JSON": patching("JSON.stringify = () => '{\"results\":[]}';"),
    "patches promises": patching("Promise.prototype.then = function () { return this as any; };"),
    "replaces Promise": patching("any.Promise = class { then() { return this; } };"),
    "patches regular expressions": Attack(
        value_task("expect(f()).toMatch(/^right$/);"),
        "RegExp.prototype.exec = () => ['right'] as any;\nRegExp.prototype.test = () => true;\nexport const f = () => 'wrong';",
    ),
    "patches regular expressions while it is looked at": Attack(
        value_task("expect(/^right$/.test(f())).toBe(true);"),
        "export const f = () => { RegExp.prototype.exec = () => ['right'] as any; return 'wrong'; };",
    ),
    "patches Math": Attack(
        value_task("expect(Math.abs(f() - 5)).toBeLessThan(0.1);"), "Math.abs = () => 0;\nexport const f = () => 1;"
    ),
    "patches Math.abs for toBeCloseTo": Attack(
        value_task("expect(f()).toBeCloseTo(5);"),
        "try { Math.abs = () => 0; Math.pow = () => 1e9; } catch { /* refused */ }\nexport const f = () => 1;",
    ),
    "patches Date": Attack(
        value_task("expect(f()).toEqual(new Date(5));"),
        "try { Date.prototype.valueOf = () => 0; Date.prototype.getTime = () => 0; (Date.prototype as any)[Symbol.toPrimitive] = () => 0; } catch { /* refused */ }\nexport const f = () => new Date(1);",
    ),
    "patches the iterator of arrays": patching("Array.prototype[Symbol.iterator] = function* () {} as any;"),
    "patches the keys of objects": Attack(
        value_task("expect(f()).toEqual({ a: 1 });"),
        "try { Object.keys = () => []; } catch { /* refused */ }\ntry { Object.getOwnPropertyDescriptor = () => undefined; } catch { /* refused */ }\nexport const f = () => ({ b: 2 });",
    ),
    "puts a matcher into Object.prototype": Attack(
        value_task("expect(f()).toEqual({ a: 1 });"),
        "try { Object.assign(Object.prototype, { asymmetricMatch: () => true, $$typeof: Symbol.for('jest.asymmetricMatcher'), nodeType: 1, nodeName: 'x', isEqualNode: () => true }); } catch { /* refused */ }\nexport const f = () => ({ b: 2 });",
    ),
    "puts a node into Array.prototype": Attack(
        value_task("expect(f()).toEqual([1, 2]);"),
        "Object.assign(Array.prototype, { nodeType: 1, nodeName: 'x', isEqualNode: () => true });\nexport const f = () => [3, 4];",
    ),
    "puts an index into Array.prototype": Attack(
        value_task("expect(f()).toEqual([1, 2]);"),
        "try { Object.defineProperty(Array.prototype, 0, { get: () => 'length', set: () => {} }); } catch { /* refused */ }\nexport const f = () => [3, 4];",
    ),
    "patches the comparisons of sets": Attack(
        value_task("expect(f()).toEqual(new Set([1]));"),
        "try { Set.prototype.has = () => true; } catch { /* refused */ }\nexport const f = () => new Set([2]);",
    ),
    "patches assert": Attack(
        task(
            "import assert from 'node:assert';\nimport { f } from './solution';\ntest('it', () => { assert.strictEqual(f(), 1); assert.deepEqual(f(), 1); });\n"
        ),
        "import assert from 'node:assert';\nfor (const k of Object.keys(assert)) try { (assert as any)[k] = () => {}; } catch { /* refused */ }\nexport const f = () => 2;",
    ),
    "patches the timers of the time limit": Attack(
        value_task("await f();", 1000),
        "globalThis.setTimeout = (() => 0) as any;\nglobalThis.clearTimeout = (() => {}) as any;\nexport const f = () => new Promise(() => {});",
        verdicts=("failed", "timeout", "tampered"),
    ),
}
