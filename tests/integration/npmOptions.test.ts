import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const npmRun = (...args: string[]) =>
  spawnSync('npm', ['run', ...args], { encoding: 'utf8', stdio: 'pipe', timeout: 30_000 });

test.each([
  ['populate', ['--file=orders.jsonl'], '--file'],
  ['populate', ['--count', '5'], '--count'],
  ['dlq', ['list', '--json'], '--json'],
  ['dlq', ['redrive', '--accept-unknown'], '--accept-unknown'],
  ['verify', ['--redis=redis://:secret@there', '--file=orders.jsonl'], '--file'],
  ['replay', ['--into=redis://:secret@there'], '--into'],
  ['simulate', ['--seed=1'], '--seed'],
  ['bench', ['--memory-orders=1'], '--memory-orders'],
  ['bench', ['--quick'], '--quick'],
  ['start', ['--httpPort=4000'], '--httpPort'],
  ['test:fuzz', ['--seed=7'], '--seed'],
])('npm run %s %j is refused: npm keeps the option', (script, args, option) => {
  const { status, stderr } = npmRun('--silent', script, ...args);
  const sentence = `error: npm kept '${option}' for itself: put -- before the options: npm run ${script} -- <options>\n`;
  expect(stderr.replace(/^npm warn .*\n/gm, '')).toBe(sentence);
  expect(status).toBe(1);
});

// npm 11 takes --to for the beginning of --token-description, and --days for -d -a -y -s.
test.each([
  ['dlq', ['purge', '--to=bad.jsonl'], '--to'],
  ['simulate', ['--days=7'], 'too many arguments'],
])('npm run %s %j is refused: npm mistakes the option for one of its own', (script, args, what) => {
  const { status, stderr } = npmRun('--silent', script, ...args);
  expect(stderr).toMatch(
    new RegExp(`^error: [^\n]*${what}[^\n]* put -- before the options: npm run ${script} -- `, 'm'),
  );
  expect(status).toBe(1);
});

// npm has an option --only itself, and leaves no trace of what was given.
test.each([['--only=retryable'], ['--only', 'retryable']])('npm run dlq redrive %s sends nothing back', (...option) => {
  const { status, stderr } = npmRun('--silent', 'dlq', 'redrive', ...option);
  expect(stderr).toMatch(/^error: say which messages to send back, and put -- before it: npm run dlq -- redrive /m);
  expect(status).toBe(1);
});

test('options after -- reach the command', () => {
  expect(npmRun('--silent', 'dlq', '--', 'list', '--stage', 'a_b').stderr).toMatch(/^error: option '--stage <stage>'/);
});
