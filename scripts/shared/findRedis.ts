import { findProgram, type Program } from './findProgram.ts';

const REDIS: Program = {
  commands: ['redis-server', 'valkey-server'],
  installers: [
    {
      tool: 'apt-get',
      commands: [
        ['apt-get', 'update'],
        ['apt-get', 'install', '-y', 'redis-server'],
      ],
    },
    { tool: 'brew', commands: [['brew', 'install', 'redis']] },
  ],
  whatToDo:
    'No redis-server or valkey-server is on PATH. Install one (Debian, Ubuntu: apt-get install redis-server; ' +
    'macOS: brew install redis).',
};

/**
 * Name of a Redis server on PATH. A missing one is installed with apt-get or brew: after a question on a terminal,
 * without one where CI=true.
 *
 * @throws an error that says what to do, when there is none in the end
 */
export const findRedisServer = async (): Promise<string> => (await findProgram(REDIS)).command;
