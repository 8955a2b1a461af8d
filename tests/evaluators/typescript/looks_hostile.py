"""Honest code that looks hostile and must get its full score."""

# ruff: noqa: E501 - programs of one line

from __future__ import annotations

from attacks import Attack

from .hostile import RIGHT, honest

HONEST: dict[str, Attack] = {
    # honest code that looks hostile
    "honest: writes 300 KB": honest("console.log('x'.repeat(300_000));\nconsole.error('y'.repeat(300_000));\n" + RIGHT),
    "honest: waits for standard input that has ended": honest("process.stdin.on('data', () => {});\n" + RIGHT),
    "honest: leaves a timer open": honest("setInterval(() => {}, 1000);\nsetTimeout(() => {}, 1e9);\n" + RIGHT),
    "honest: words that are names of methods": honest(
        "export const f = (words: string[]) => { const n: Record<string, number> = {}; for (const w of words) n[w] = (Object.hasOwn(n, w) ? n[w] : 0) + 1; return n; };",
        "import { f } from './solution';\ntest('it', () => { expect(f(['constructor', 'toString', 'toString', 'hasOwnProperty', 'valueOf'])).toEqual({ constructor: 1, toString: 2, hasOwnProperty: 1, valueOf: 1 }); });",
    ),
    "honest: errors with names of their own": honest(
        "export class Low extends Error { constructor(m: string) { super(m); this.name = 'Low'; this.message = `low: ${m}`; } }\nexport const f = () => { throw new Low('x'); };",
        "import { f, Low } from './solution';\ntest('it', () => { expect(f).toThrow(Low); expect(f).toThrow('low: x'); expect(f).toThrow(/^low/); try { f(); } catch (e) { expect((e as Error).name).toBe('Low'); } });",
    ),
    "honest: a proxy for negative places": honest(
        "export const f = (xs: number[]) => new Proxy(xs, { get: (t, k): unknown => typeof k === 'string' && /^-\\d+$/.test(k) ? t[t.length + Number(k)] : Reflect.get(t, k) }) as number[] & Record<string, number>;",
        "import { f } from './solution';\ntest('it', () => { expect(f([1, 2, 3])['-1']).toBe(3); expect(f([1, 2])).toEqual([1, 2]); });",
    ),
    "honest: getters, iterators and private fields": honest(
        "export class Range { #a: number; #b: number; constructor(a: number, b: number) { this.#a = a; this.#b = b; } get size() { return this.#b - this.#a; } *[Symbol.iterator]() { for (let i = this.#a; i < this.#b; i++) yield i; } toJSON() { return [...this]; } valueOf() { return this.size; } [Symbol.toPrimitive]() { return this.size; } }",
        "import { Range } from './solution';\ntest('it', () => { const r = new Range(1, 4); expect([...r]).toEqual([1, 2, 3]); expect(r.size).toBe(3); expect(JSON.stringify(r)).toBe('[1,2,3]'); expect(+r).toBe(3); expect(r).toEqual(new Range(1, 4)); });",
    ),
    "honest: subclasses of built-in classes": honest(
        "export class Counter<T> extends Map<T, number> { add(x: T) { return this.set(x, (this.get(x) ?? 0) + 1); } }\nexport class Stack<T> extends Array<T> { peek() { return this.at(-1); } }",
        "import { Counter, Stack } from './solution';\ntest('it', () => { expect(new Counter<string>().add('a').add('a').get('a')).toBe(2); const s = new Stack<number>(); s.push(1, 2); expect(s.peek()).toBe(2); expect(s.map((x) => x + 1)).toHaveLength(2); expect(new Set([1])).toEqual(new Set([1])); });",
    ),
    "honest: adds a method to arrays": honest(
        "declare global { interface Array<T> { total(this: T[]): number } }\nArray.prototype.total = function (this: number[]) { return this.reduce((a, b) => a + b, 0); };\nexport const f = (xs: number[]) => xs.total();",
        "import { f } from './solution';\ntest('it', () => { expect(f([1, 2, 3])).toBe(6); });",
    ),
    "honest: a thenable of its own": honest(
        "export const f = () => ({ then(done: (x: number) => void) { setTimeout(() => done(42), 1); } });",
        "import { f } from './solution';\ntest('it', async () => { expect(await f()).toBe(42); await expect(f()).resolves.toBe(42); });",
    ),
    "honest: rejections and callbacks": honest(
        "export const bad = () => Promise.reject(new Error('no'));\nexport const call = (done: (x: number) => void) => setTimeout(() => done(1), 1);",
        "import { bad, call } from './solution';\ntest('rejects', async () => { await expect(bad()).rejects.toThrow('no'); });\ntest('calls', (done) => { call((x) => { expect(x).toBe(1); done(); }); });",
    ),
    "honest: mocks, spies and fake clocks": honest(
        "export const later = (f: () => void) => setTimeout(f, 1000);\nexport const dice = () => Math.floor(Math.random() * 6) + 1;\nexport const say = () => console.log('hello');\nexport const stamp = () => Date.now();",
        "import { later, dice, say, stamp } from './solution';\nbeforeEach(() => jest.useFakeTimers());\nafterEach(() => { jest.useRealTimers(); jest.restoreAllMocks(); });\ntest('later', () => { const f = jest.fn(); later(f); expect(f).not.toHaveBeenCalled(); jest.advanceTimersByTime(1000); expect(f).toHaveBeenCalledTimes(1); });\ntest('dice', () => { jest.spyOn(Math, 'random').mockReturnValue(0.5); expect(dice()).toBe(4); });\ntest('say', () => { const log = jest.spyOn(console, 'log').mockImplementation(() => {}); say(); expect(log).toHaveBeenCalledWith('hello'); });\ntest('stamp', () => { jest.setSystemTime(1234); expect(stamp()).toBe(1234); });",
    ),
    "honest: regular expressions of every kind": honest(
        "export const f = (s: string) => [...s.matchAll(/(?<d>\\d+)/g)].map((m) => Number(m.groups?.d)).concat(s.split(/\\s*,\\s*/).length, s.replace(/a/gi, 'b').search(/b/));",
        "import { f } from './solution';\ntest('it', () => { expect(f('A1, 22,3')).toEqual([1, 22, 3, 3, 0]); });",
    ),
    "honest: files of several kinds": honest(
        "import { twice } from './lib/twice';\nimport table from './table.json';\nexport const f = (x: number) => twice(x) + table.one;",
        "import { f } from './solution';\ntest('it', () => { expect(f(2)).toBe(5); });",
        {"lib/twice.ts": "export const twice = (x: number): number => 2 * x;", "table.json": '{"one": 1}'},
    ),
    "honest: freezes and copies": honest(
        "export const f = () => Object.freeze(structuredClone({ a: [1, { b: new Date(0) }], c: new Map([[1, new Set([2])]]) }));",
        "import { f } from './solution';\ntest('it', () => { expect(f()).toEqual({ a: [1, { b: new Date(0) }], c: new Map([[1, new Set([2])]]) }); expect(f()).toMatchObject({ a: [1, {}] }); expect(f()).toEqual(expect.objectContaining({ a: expect.any(Array) })); });",
    ),
}
