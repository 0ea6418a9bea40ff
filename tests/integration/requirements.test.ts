import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findRedisServer } from '../../dev/servers/programs.ts';

/* Errors of commands on a machine without the programs that they need. */

const folder = mkdtempSync(join(tmpdir(), 'orders-requirements-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs Node.js with only these programs on PATH. @returns the exit code and all output */
function run(args: readonly string[], programs: readonly string[] = []) {
  const PATH = mkdtempSync(join(folder, 'bin-'));
  for (const program of programs) symlinkSync(program, join(PATH, basename(program)));
  const env = { ...process.env, PATH };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  return [status, stdout + stderr];
}

const NO_REDIS =
  'No redis-server or valkey-server is on PATH. Install one (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis).\n';

it.each(['tests/simulator/run.ts', 'tests/mutants/run.ts', 'tests/mutants/mutation.ts', 'bench/run.ts'])(
  '%s says in one sentence that there is no Redis',
  async (file) => {
    expect(run(['--import', 'tsx', '--import', './dev/luaText.mjs', file])).toEqual([1, NO_REDIS]);
  },
);

it.each(['tests/simulator/run.ts', 'tests/mutants/run.ts'])(
  '%s says in one sentence that there is no libfaketime',
  async (file) => {
    expect(run(['--import', 'tsx', '--import', './dev/luaText.mjs', file], [await findRedisServer()])).toEqual([
      1,
      'No faketime is on PATH: tests that move the clock of a Redis need libfaketime. Install it (Debian, Ubuntu: apt-get install faketime).\n',
    ]);
  },
);

it.each([
  ['root', 0, [0, 'redis-server\napt-get update\napt-get install -y redis-server\n']],
  ['another user', 1000, [1, NO_REDIS]],
] as const)('without a terminal only root installs a missing Redis: %s', (_, user, result) => {
  const aptGet = join(folder, 'apt-get');
  writeFileSync(
    aptGet,
    `#!/bin/sh
echo "apt-get $*"
[ "$1" = update ] || { printf '#!/bin/sh\n' >"$PATH/redis-server"; /bin/chmod +x "$PATH/redis-server"; }`,
    { mode: 0o755 },
  );
  const code = `
    import { basename } from 'node:path';
    import { findRedisServer } from './dev/servers/programs.ts';
    process.getuid = () => ${user};
    try {
      console.log(basename(await findRedisServer()));
    } catch (error) {
      console.error(error.message);
      process.exitCode = 1;
    }`;
  expect(run(['--import', 'tsx', '--input-type=module', '-e', code], [aptGet])).toEqual(result);
});

const { engines, scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

it.each([
  ['18.20.8', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['21.7.3', false],
  ['22.12.0', false],
  ['22.13.0', true],
  ['23.11.0', false],
  ['24.0.0', true],
  ['26.1.0', true],
])('npm start and npm test with Node.js %s: %s', async (version, isSupported) => {
  const [, file = ''] = /^node (\S+) && /.exec(scripts.test) ?? [];
  expect(scripts.start).toMatch(new RegExp(`^exec node --require \\./${file} `));
  const pretend = join(folder, 'pretend.cjs');
  writeFileSync(pretend, `Object.defineProperty(process.versions, 'node', { value: '${version}' })`);
  const sentence = `Node.js ${version} is not supported: use ${engines.node}, for example with "nvm install 24".\n`;
  expect(run(['--require', pretend, file])).toEqual(isSupported ? [0, ''] : [1, sentence]);
});

it('the documents name the Node.js version of package.json', () => {
  for (const document of ['README.md', 'CONTRIBUTING.md', 'docs/deployment.md'])
    expect(readFileSync(document, 'utf8'), document).toContain(`(\`${engines.node}\`)`);
});
