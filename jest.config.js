/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  roots: ['<rootDir>/packages', '<rootDir>/examples', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '<rootDir>/test/jest/globals-once.mjs',
      {
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
          keepClassNames: true,
        },
      },
    ],
  },
  coverageProvider: 'babel',
  // Whether another server is done can only be told by its being quiet for a while.
  testTimeout: process.env.KUBECONFIG ? 180_000 : 30_000,
  // Jest leaves one core free by default; on a laptop with two that is half of the speed.
  maxWorkers: '100%',
  // Node.js does not let go of the modules of a suite that is over: a hundred suites later the garbage collector has two
  // gigabytes to go through, again and again, and the process takes longer to end than Jest allows.
  workerIdleMemoryLimit: '1GB',
};
