'use strict';
/**
 * Syntax, types and JavaScript of many candidates at once. Reads code, runs none.
 *
 * Candidates that cannot touch each other share one program: every file is a module in a folder of its own, so only the global
 * types are common, and merging those is most of what a check costs. One that declares something global, or refers to files by
 * comment, gets a program for itself.
 */
const { dirname, join } = require('node:path');
const { compilerOptions, emitOptions } = require('./options.js');

const SOURCE = /\.[cm]?tsx?$/;
const SHARED = 16; // candidates in one program
const SUPPRESSING = /@ts-(?=nocheck|ignore|expect-error)/g;

function createChecker(ts, toolchain) {
  const options = compilerOptions(ts, toolchain);
  const libraries = new Map();
  const resolved = new Map();
  const libraryFolder = dirname(ts.getDefaultLibFilePath(options));

  function library(path) {
    if (!libraries.has(path)) {
      const text = ts.sys.readFile(path);
      libraries.set(path, text === undefined ? undefined : ts.createSourceFile(path, text, { languageVersion: options.target, impliedNodeFormat: undefined }, true));
    }
    return libraries.get(path);
  }

  /** A world in memory: the given texts, and below them only the toolchain's own files. */
  function hostOf(sources) {
    const folders = new Set();
    for (const path of sources.keys()) for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at);
    const outside = (path) => path.startsWith(toolchain);
    const host = {
      fileExists: (path) => sources.has(path) || (outside(path) && ts.sys.fileExists(path)),
      readFile: (path) => (sources.has(path) ? sources.get(path).text : outside(path) ? ts.sys.readFile(path) : undefined),
      directoryExists: (path) => folders.has(path) || (outside(path) && ts.sys.directoryExists(path)),
      getDirectories: (path) => (outside(path) ? ts.sys.getDirectories(path) : []),
      getSourceFile: (path) => sources.get(path) ?? (outside(path) ? library(path) : undefined),
      getDefaultLibFileName: () => join(libraryFolder, 'lib.d.ts'),
      getDefaultLibLocation: () => libraryFolder,
      getCurrentDirectory: () => '/',
      getCanonicalFileName: (path) => path,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => '\n',
      writeFile: () => {},
      realpath: (path) => path,
      resolveModuleNameLiterals: (literals, from, redirect, given, file) => literals.map((literal) => moduleOf(literal, from, given, file, redirect)),
    };
    return host;

    /** Candidates in one program must not import each other. */
    function astray(module, from) {
      if (module === undefined || outside(module.resolvedFileName)) return false;
      return !module.resolvedFileName.startsWith(from.slice(0, from.indexOf('/', 1) + 1));
    }

    function moduleOf(literal, from, given, file, redirect) {
      const mode = ts.getModeForUsageLocation(file, literal, given);
      const key = outside(from) ? `${dirname(from)}|${literal.text}|${mode}` : undefined;
      if (key !== undefined && resolved.has(key)) return resolved.get(key);
      const found = ts.resolveModuleName(literal.text, from, given, host, undefined, redirect, mode);
      if (key !== undefined) resolved.set(key, found);
      return astray(found.resolvedModule, from) ? { resolvedModule: undefined } : found;
    }
  }

  /** The sources of one request, below a folder of its own. */
  function sourcesOf(request, folder) {
    const sources = new Map();
    for (const [name, text] of Object.entries({ ...request.files, ...request.task })) {
      if (!SOURCE.test(name) && !name.endsWith('.json')) continue;
      const path = `${folder}/${name}`;
      const quiet = name in request.task ? text : text.replace(SUPPRESSING, '@ts_');
      sources.set(path, ts.createSourceFile(path, quiet, { languageVersion: options.target, impliedNodeFormat: undefined }, true));
    }
    return sources;
  }

  function check(requests) {
    const all = requests.map((request, index) => ({ request, folder: `/c${index}`, sources: sourcesOf(request, `/c${index}`) }));
    const alone = all.filter((one) => [...one.sources.values()].some((file) => isGlobal(ts, file)));
    const together = all.filter((one) => !alone.includes(one));
    for (let at = 0; at < together.length; at += SHARED) checkTogether(together.slice(at, at + SHARED));
    for (const one of alone) checkTogether([one]);
    return all.map(({ syntax, types }) => ({ syntax, types }));
  }

  function checkTogether(group) {
    const sources = new Map(group.flatMap((one) => [...one.sources]));
    const host = hostOf(sources);
    const program = ts.createProgram({ rootNames: [...sources.keys()].filter((path) => SOURCE.test(path)), options, host });
    for (const one of group) {
      const mine = [...one.sources].filter(([path]) => SOURCE.test(path) && !(path.slice(one.folder.length + 1) in one.request.task)).map(([, file]) => file);
      one.syntax = mine.flatMap((file) => program.getSyntacticDiagnostics(file)).map((found) => row(found, one.folder));
      one.types = one.syntax.length > 0 ? one.syntax : mine.flatMap((file) => program.getSemanticDiagnostics(file)).map((found) => row(found, one.folder));
    }
  }

  function row(found, folder) {
    const message = ts.flattenDiagnosticMessageText(found.messageText, ' ').replaceAll(`${folder}/`, '');
    const line = found.file && found.start !== undefined ? found.file.getLineAndCharacterOfPosition(found.start).line + 1 : 0;
    return { file: found.file ? found.file.fileName.slice(folder.length + 1) : '', line, message, severity: 'error', code: `TS${found.code}`, tool: 'tsc' };
  }

  /** JavaScript of every file, by the path that `require` looks for. */
  function emitted(texts) {
    const made = {};
    for (const [path, text] of Object.entries(texts)) {
      if (path.endsWith('.d.ts')) continue;
      made[path] = SOURCE.test(path) ? ts.transpileModule(text, { compilerOptions: emitOptions(ts), fileName: path }).outputText : text;
    }
    return made;
  }

  return { check, emitted };
}

/** Whether a file may change what others see: global or ambient declarations, references by comment. */
function isGlobal(ts, file) {
  if (file.isDeclarationFile || file.referencedFiles.length + file.typeReferenceDirectives.length + file.libReferenceDirectives.length > 0) return true;
  return file.statements?.some((one) => ts.isModuleDeclaration(one) && (ts.isStringLiteral(one.name) || (one.flags & ts.NodeFlags.GlobalAugmentation) !== 0));
}

module.exports = { createChecker, SOURCE };
