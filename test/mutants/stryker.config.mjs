export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
  plugins: [
    '@stryker-mutator/vitest-runner',
    './test/mutants/tried-mutants.ts',
    './test/mutants/type-check.ts',
  ],
  reporters: ['tried-mutants', 'progress-append-only'],
  mutator: { excludedMutations: ['StringLiteral'] }, // messages, nearly all of them
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  cleanTempDir: 'always',
  tsconfigFile: 'none', // rewriting one takes the JavaScript interface of TypeScript, which version 7 does not have
  ignorePatterns: ['**/dist', '**/.next', '/docs', '/bench', '/examples', '/.mutants'],
  allowEmpty: true,
  logLevel: 'warn',
}
