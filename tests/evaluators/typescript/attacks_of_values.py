"""Values that claim to be what a test wants."""

# ruff: noqa: E501 - programs of one line

from __future__ import annotations

from attacks import Attack

from .hostile import liar

VALUES: dict[str, Attack] = {
    # values that lie
    "returns a matcher": liar(
        "export const f = () => ({ $$typeof: Symbol.for('jest.asymmetricMatcher'), asymmetricMatch: () => true });",
        "expect(f()).toEqual(42);",
    ),
    "returns a matcher deep inside": liar(
        "const any = { $$typeof: Symbol.for('jest.asymmetricMatcher'), asymmetricMatch: () => true, toAsymmetricMatcher: () => 'x' };\nexport const f = () => ({ a: [any] });",
        "expect(f()).toEqual({ a: [1] });",
    ),
    "returns a proxy that is everything": liar(
        "const p: any = new Proxy(function () {}, { get: (t, k) => k === Symbol.toPrimitive ? () => 42 : k === 'asymmetricMatch' ? () => true : p, has: () => true, apply: () => p, construct: () => p, getOwnPropertyDescriptor: () => ({ value: p, configurable: true, enumerable: true }), ownKeys: () => ['prototype'] });\nexport const f = () => p;",
        "expect(f()).toEqual({ a: 1 });",
    ),
    "returns an object with a telling valueOf": liar(
        "export const f = () => ({ valueOf: () => 42, toString: () => '42', toJSON: () => 42, [Symbol.toPrimitive]: () => 42 });",
        "expect(f()).toEqual(42);",
    ),
    "returns a boxed number that changes": liar(
        "class N extends Number { valueOf() { return 42; } get [Symbol.toStringTag]() { return 'Number'; } }\nexport const f = () => new N(1);",
        "expect(f()).toBe(42);",
    ),
    "returns a set that shows nothing": liar(
        "export const f = () => { const s: any = new Set(); Object.defineProperty(s, 'size', { value: 3 }); s[Symbol.iterator] = function* () {}; return s; };",
        "expect(f()).toEqual(new Set([1, 2, 3]));",
    ),
    "returns a class that claims to be a set": liar(
        "class S { get [Symbol.toStringTag]() { return 'Set'; } size = 3; has() { return true; } *[Symbol.iterator]() {} }\nexport const f = () => { const s: any = new S(); Object.defineProperty(s, 'constructor', { value: Set }); return s; };",
        "expect(f()).toEqual(new Set([1, 2, 3]));",
    ),
    "returns a map that shows nothing": liar(
        "class M extends Map { get size() { return 1; } *[Symbol.iterator](): any {} }\nexport const f = () => { const m: any = new M(); Object.defineProperty(m, 'constructor', { value: Map }); return m; };",
        "expect(f()).toEqual(new Map([[1, 2]]));",
    ),
    "claims to be an immutable set": liar(
        "export const f = () => ({ '@@__IMMUTABLE_SET__@@': true, '@@__IMMUTABLE_ORDERED__@@': false, size: 1, constructor: Set, *[Symbol.iterator]() {} });",
        "expect(f()).toEqual(new Set([1]));",
    ),
    "throws a message that includes everything": liar(
        "export const f = () => { let n = 0; throw { name: 'Error', stack: 'x', get message(): any { return n++ === 0 ? 'x' : { includes: () => true, match: () => true }; } }; };",
        "expect(() => f()).toThrow('right');",
    ),
    "returns a thenable that never calls back": liar(
        "export const f = (): any => ({ then() { return undefined; } });", "await expect(f()).resolves.toBe(42);", 1000
    ),
    "returns a promise with a then of its own": liar(
        "export const f = (): any => { const p = Promise.resolve(1); p.then = (() => undefined) as any; return p; };",
        "await expect(f()).resolves.toBe(42);",
    ),
    "returns a promise that swallows expectations": liar(
        "export const f = (): any => ({ then() { return Promise.resolve(); }, catch() { return this; } });",
        "return f().then((value: number) => { expect(value).toBe(42); });",
    ),
    "swallows an expectation in a callback": liar(
        "export const f = (each: (x: number) => void) => { try { each(1); } catch { /* mine */ } };",
        "f((x: number) => expect(x).toBe(2));",
    ),
    "claims an instance of everything": liar(
        "export class Liar { static [Symbol.hasInstance]() { return true; } }\nexport const f = () => ({ message: 'x' });",
        "expect(f()).toBeInstanceOf(Error);",
    ),
    "reads the text of a callback": liar(
        "export const f = (each: (x: number) => void) => { each(Number(/toBe\\((\\d+)\\)/.exec(String(each))?.[1])); };",
        "f((x: number) => { expect(x).toBe(42); });",
    ),
    "equals everything by being compared": liar(
        "export const f = () => ({ equals: () => true, isEqualNode: () => true, nodeType: 1, nodeName: 'a' });",
        "expect(f()).toEqual({ nodeType: 1, nodeName: 'b' });",
    ),
}
