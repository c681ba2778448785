import swc from '@swc/jest';

/**
 * Jest runs each suite in a vm context, where every look at a global goes through an interceptor: half a microsecond for
 * what takes nothing elsewhere, a quarter of the time of these tests. So each module takes the globals it uses once. Those
 * that tests replace (timers, Date, fetch, process) are not among them.
 */
const GLOBALS = [
  'AbortController',
  'AbortSignal',
  'Array',
  'BigInt',
  'Boolean',
  'Buffer',
  'Error',
  'Infinity',
  'JSON',
  'Map',
  'Math',
  'NaN',
  'Number',
  'Object',
  'Promise',
  'RangeError',
  'Reflect',
  'RegExp',
  'Set',
  'String',
  'Symbol',
  'SyntaxError',
  'TypeError',
  'URL',
  'URLSearchParams',
  'Uint8Array',
  'WeakMap',
  'WeakSet',
  'queueMicrotask',
];
const PATTERNS = GLOBALS.map((name) => ({
  name,
  use: new RegExp(`(?<![.\\w$])${name}\\b`),
  declaration: new RegExp(`\\b(?:class|function|const|let|var)\\s+${name}\\b|\\bimport\\b[^;'"]*\\b${name}\\b`),
}));

/** Source maps stay right: no line moves. */
function takeGlobalsOnce(transformed) {
  const { code } = transformed;
  const names = PATTERNS.filter(({ use, declaration }) => use.test(code) && !declaration.test(code));
  if (names.length === 0) return transformed;
  return { ...transformed, code: `const { ${names.map(({ name }) => name).join(', ')} } = globalThis; ${code}` };
}

export default {
  createTransformer(options) {
    const transformer = swc.createTransformer(options);
    return {
      ...transformer,
      getCacheKey: (...file) => `globals-once-1 ${transformer.getCacheKey(...file)}`,
      process: (...file) => takeGlobalsOnce(transformer.process(...file)),
      processAsync: async (...file) => takeGlobalsOnce(await transformer.processAsync(...file)),
    };
  },
};
