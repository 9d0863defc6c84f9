/*
 * Three kinds of rules: who may import whom (by the `scope:` tag in each package.json), what the pure libraries may not
 * touch, and sizes. The boundary rule reads Nx's cached project graph and passes silently without one, so `npm run lint`
 * builds the graph first and `npm run canary` proves that forbidden code still fails.
 */
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const specs = ['**/*.spec.ts', '**/*.spec.tsx'];
const testing = [...specs, '**/src/testing/**/*.ts', 'e2e/**/*.ts'];
const compositionRoots = ['apps/*/src/main.ts', 'apps/platform/src/**/*.ts'];

const core = ['contracts', 'event-sourcing'];
const engine = [...core, 'domain', 'runtime'];
const libraries = [...engine, 'log-embedded', 'log-kafka', 'storage', 'telemetry', 'nest-kit', 'sdk'];
const adapter = [...core, 'telemetry'];
const services = ['gateway', 'orchestrator', 'worker', 'tool-registry', 'llm-gateway', 'memory', 'approval', 'evals', 'cli'];
const testTools = ['vitest', 'vitest/*', 'fast-check'];

/** For each project, the projects it may import. A project that is not listed here may import nothing. */
const mayImport = {
  contracts: [],
  'event-sourcing': [],
  domain: core,
  telemetry: [],
  'log-embedded': adapter,
  'log-kafka': adapter,
  storage: adapter,
  'nest-kit': adapter,
  runtime: [...core, 'domain', 'telemetry'],
  sdk: [...engine, 'telemetry'],
  simulation: [...engine, 'telemetry'],
  ...Object.fromEntries(services.map((service) => [service, libraries])),
  console: ['contracts'],
  platform: [...libraries, ...services],
  example: ['sdk'],
  bench: [...libraries, ...services, 'platform', 'example', 'simulation'],
};

/** The pure libraries use no package but these, besides what their tests use. */
const mayInstall = { contracts: ['zod'], 'event-sourcing': [], domain: [] };

const usesSimulation = ['contracts', 'event-sourcing', 'domain', 'runtime', 'sdk', 'log-embedded', 'log-kafka', 'storage'];

function boundaries(extra) {
  return [
    'error',
    {
      banTransitiveDependencies: true,
      // A library's specs may use the simulated world that is built on that library.
      ignoredCircularDependencies: usesSimulation.map((project) => [`@runledger/${project}`, '@runledger/simulation']),
      depConstraints: Object.entries(mayImport).map(([project, allowed]) => ({
        sourceTag: `scope:${project}`,
        onlyDependOnLibsWithTags: [project, ...allowed, ...extra].map((name) => `scope:${name}`),
        ...(mayInstall[project] && { allowedExternalImports: [...mayInstall[project], ...testTools] }),
      })),
    },
  ];
}

const inTheCommand = 'Rules are pure: time, ids and randomness arrive in the command.';
const clockAndChance = { Date: ['now'], Math: ['random'], performance: ['now'], crypto: ['randomUUID', 'getRandomValues'] };

export default defineConfig(
  { ignores: ['**/node_modules/**', '**/dist/**', '**/coverage/**', '.nx/**', '.runledger/**', 'schemas/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries([]),
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { requireDefaultForNonUnion: false, considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: [...specs, 'e2e/**/*.ts'], rules: { '@nx/enforce-module-boundaries': boundaries(['simulation']) } },
  { files: [...testing, ...compositionRoots], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['libs/{contracts,event-sourcing,domain}/src/**/*.ts'],
    ignores: testing,
    rules: {
      'no-restricted-globals': [
        'error',
        {
          globals: ['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: inTheCommand })),
          checkGlobalObject: true,
        },
      ],
      'no-restricted-properties': [
        'error',
        ...Object.entries(clockAndChance).flatMap(([object, properties]) =>
          properties.map((property) => ({ object, property, message: inTheCommand })),
        ),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: inTheCommand },
        { selector: "CallExpression[callee.name='Date']", message: inTheCommand },
      ],
      'no-restricted-imports': [
        'error',
        { paths: builtinModules, patterns: [{ group: ['node:*'], message: 'The pure libraries do no I/O: put it behind a port.' }] },
      ],
    },
  },
);
