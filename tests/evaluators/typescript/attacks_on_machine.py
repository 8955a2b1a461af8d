"""Configuration of the tools, resources, and ways out of the sandbox."""

# ruff: noqa: E501 - programs of one line

from __future__ import annotations

from attacks import Attack

from .hostile import RIGHT, WRONG, honest, on, value_task

MACHINE: dict[str, Attack] = {
    # configuration
    "brings configuration of every tool": on(
        WRONG,
        {
            "package.json": '{"jest": {"testMatch": ["nothing"], "passWithNoTests": true}, "type": "module"}',
            "tsconfig.json": '{"compilerOptions": {"noEmit": false, "checkJs": false, "strict": false}}',
            "jest.config.js": "process.exit(0); module.exports = { testMatch: [] };",
            "eslint.config.js": "process.exit(0); module.exports = [];",
            "babel.config.js": "module.exports = () => process.exit(0);",
            ".npmrc": "ignore-scripts=false",
            ".swcrc": "{}",
        },
    ),
    "brings tests of its own under the same name": on(
        WRONG, {"solution.test.ts": "test('add small', () => {}); test('add large', () => {});"}
    ),
    "brings packages": on(
        WRONG,
        {
            "node_modules/@jest/globals/index.js": "module.exports = {};",
            "node_modules/expect/index.js": "module.exports = {};",
        },
    ),
    "brings mocks": on(WRONG, {"__mocks__/solution.ts": RIGHT}),
    "types that turn off the checker": on(
        "// @ts-nocheck\n/* eslint-disable */\nexport function add(a: any, b: any): any { return 0; }"
    ),
    # resources
    "never ends": on("export function add(a: number, b: number): number { for (;;) a += b; }", verdicts=("timeout",)),
    "never ends at import": on("for (;;) { /* for ever */ }", verdicts=("timeout",)),
    "never ends in microtasks": on(
        "const again = (): void => void Promise.resolve().then(again);\nagain();\n" + WRONG, verdicts=("timeout",)
    ),
    "never resolves": Attack(
        value_task("jest.setTimeout(500);\n  expect(await f()).toBe(1);", 1000),
        "export const f = () => new Promise(() => {});",
        verdicts=("failed", "timeout"),
    ),
    "matches a regular expression for ever": on(
        "export function add(a: number, b: number): number { return /^(a+)+$/.test('a'.repeat(60) + 'b') ? a : b; }",
        verdicts=("timeout",),
    ),
    "takes ten gigabytes": on(
        "export function add(a: number, b: number): number { const held: unknown[] = []; for (;;) held.push(new Array(1e6).fill(a + b)); }",
        verdicts=("oom", "timeout", "failed"),
        least="limits",
    ),
    "takes ten gigabytes of buffers": on(
        "export function add(a: number, b: number): number { const held: Buffer[] = []; for (let i = 0; i < 100; i++) held.push(Buffer.alloc(1e8, a + b)); return 0; }",
        verdicts=("oom", "timeout", "failed"),
        least="limits",
    ),
    "writes endlessly": on("for (;;) process.stdout.write('x'.repeat(10000));", verdicts=("timeout", "failed", "oom")),
    "bombs the type checker": on(
        "type L<N extends number, T extends unknown[] = []> = T['length'] extends N ? T : L<N, [...T, unknown]>;\ntype P<A extends unknown[], B extends unknown[]> = { [K in keyof A]: { [J in keyof B]: [A[K], B[J], P<B, A>] } };\nexport type X = P<P<L<900>, L<900>>, P<L<900>, L<900>>>;\nexport const x: X = 1 as unknown as X;\n"
        + WRONG,
        verdicts=("failed", "timeout", "oom"),
    ),
    "fills its folder": on(
        "import * as fs from 'fs';\ntry { for (let i = 0; i < 400; i++) fs.writeFileSync(`big${i}`, Buffer.alloc(1 << 20)); } catch { /* full */ }\n"
        + WRONG
    ),
    # escapes
    "asks the network": Attack(
        value_task("expect(await f()).toBe('reached');"),
        "export const f = () => fetch('http://192.0.2.1/').then(() => 'reached', () => 'refused');",
        verdicts=("failed", "timeout"),
    ),
    "opens a socket": on("import * as net from 'net';\nnet.connect(80, '192.0.2.1');\n" + WRONG),
    "writes outside": Attack(
        value_task("expect(f()).toBe('written');"),
        "import * as fs from 'fs';\nexport const f = () => { try { fs.writeFileSync('/var/stagerun-escaped', 'x'); return 'written'; } catch { return 'refused'; } };",
    ),
    "reads its parent": Attack(
        value_task("expect(f()).toMatch(/./);"),
        "import * as fs from 'fs';\nexport const f = () => { try { return fs.readFileSync(`/proc/${process.ppid}/environ`, 'utf8'); } catch { return ''; } };",
    ),
    "signals its parent": Attack(
        value_task("expect(f()).toBe('sent');"),
        "export const f = () => { process.kill(process.ppid, 0); return 'sent'; };",
    ),
    "has no secrets in its environment": honest(
        "export const f = () => Object.keys(process.env).filter((k) => /SECRET|TOKEN|KEY/.test(k)).length;",
        "import { f } from './solution';\ntest('it', () => { expect(f()).toBe(0); });",
    ),
}
