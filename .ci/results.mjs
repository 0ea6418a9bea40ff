import { readFileSync } from 'node:fs';

/*
 * results.mjs NAME CODE FILE LOG: prints how many tests of a vitest run passed and failed, and to standard error which failed.
 * A run that fails without a failed test, or that runs no test, counts as a failed test. Only the end of its output says why.
 */

const LAST_LINES = 40;

const [name, code, file, log] = process.argv.slice(2);
const { numPassedTests, numFailedTests, testResults } = read();
const hasFailed = code !== '0' || numPassedTests === 0;
console.log(numPassedTests, Math.max(numFailedTests, hasFailed ? 1 : 0));
if (hasFailed) console.error(`FAILED ${name}`);
if (hasFailed && numFailedTests === 0) console.error(lastLines().replaceAll(/^/gm, '  '));
for (const { name: path, message, assertionResults } of testResults) {
  if (message) console.error(`  ${path}: ${message.slice(0, 500)}`);
  for (const { status, fullName, failureMessages } of assertionResults)
    if (status === 'failed') console.error(`  ${path}: ${fullName}\n${failureMessages.join('\n').slice(0, 1500)}`);
}

function lastLines() {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
}

function read() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The run ended before vitest wrote its results.
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}
