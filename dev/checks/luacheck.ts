import { spawnSync } from 'node:child_process';
import { checkpointLua } from '../../lib/archive/checkpoint.ts';
import { countLua } from '../../lib/counting/countScript.ts';
import { overviewLua } from '../../lib/stats/overviewShard.ts';
import { topUsersLua } from '../../lib/stats/topUsers.ts';
import { wholeHashLua } from '../../lib/stats/totals.ts';

/*
 * Runs luacheck on each Lua script as Redis gets it. If luacheck is missing, the check says so and passes, because the tests
 * run the scripts too.
 */

const SCRIPTS = { countLua, checkpointLua, overviewLua, topUsersLua, wholeHashLua };

/** The globals of Redis scripts. Blocks may redefine a name: a script is one long function. */
const OPTIONS = ['--std', 'lua51', '--read-globals', 'redis', 'struct', 'cjson', 'KEYS', 'ARGV', '--no-redefined'];

for (const [name, input] of Object.entries(SCRIPTS)) {
  const { error, status, stdout } = spawnSync(
    'luacheck',
    ['-', '--filename', name, '--quiet', '--no-color', '--no-max-line-length', ...OPTIONS],
    { input, encoding: 'utf8' },
  );
  if (error) {
    console.log('luacheck is not on PATH: the Lua scripts are not checked. Debian, Ubuntu: apt-get install lua-check');
    break;
  }
  if (status !== 0) {
    console.error(stdout);
    process.exitCode = 1;
  }
}
