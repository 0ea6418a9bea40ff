import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { LocalFunction } from './localFunction.ts';

const folder = mkdtempSync(join(tmpdir(), 'orders-function-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'function.mjs');

function localFunction(code: string, timeoutMs = 60_000): LocalFunction {
  writeFileSync(file, code);
  const settings = { functionName: 'orders-local-test', file, handler: 'handler', timeoutMs, memorySize: 512 };
  const local = new LocalFunction({ ...settings, environment: { STAGE: 'local' } }, Promise.resolve());
  onTestFinished(() => local.stop());
  return local;
}

it('a function gets event, environment and context, and keeps its state', async () => {
  const local = localFunction(`
    let calls = 0;
    export const handler = async (event, context) => [
      event, process.env.STAGE, context.functionName, context.getRemainingTimeInMillis() > 50_000, ++calls,
    ];`);
  expect(await local.invoke({ a: 1 })).toEqual([{ a: 1 }, 'local', 'orders-local-test', true, 1]);
  expect(await local.invoke('b')).toEqual(['b', 'local', 'orders-local-test', true, 2]);
});

it('two invocations at the same time have a thread each', async () => {
  const local = localFunction(`
    import { threadId } from 'node:worker_threads';
    import { once } from 'node:events';
    const others = new BroadcastChannel('test');
    export const handler = async () => {
      const other = new Promise((resolve) => { others.onmessage = resolve; });
      others.postMessage('here');
      await other;
      others.postMessage('here');
      return threadId;
    };`);
  const [one, other] = await Promise.all([local.invoke({}), local.invoke({})]);
  expect(one).not.toBe(other);
});

it('the error of a function is thrown, and the next invocation succeeds', async () => {
  const local = localFunction(`
    let calls = 0;
    export const handler = async () => { if (++calls === 1) throw new TypeError('no order'); return calls; };`);
  await expect(local.invoke({})).rejects.toThrow(new TypeError('no order'));
  expect(await local.invoke({})).toBe(2);
});

it.each([
  ['an error outside of the handler', `setImmediate(() => { throw new Error('lost'); }); await new Promise(() => {});`],
  ['an exit', 'process.exit(1);'],
])('after %s, a new thread serves the next invocation', async (_, code) => {
  const local = localFunction(
    `export const handler = async (event) => { if (event === 'fail') { ${code} } return event; };`,
  );
  await expect(local.invoke('fail')).rejects.toThrow(/lost|ended/);
  expect(await local.invoke('next')).toBe('next');
});

it('after its timeout an invocation fails, and a new thread serves the next one', async () => {
  const local = localFunction(
    `export const handler = async (event) => { if (event === 'hang') for (;;); return event; };`,
    1000,
  );
  await expect(local.invoke('hang')).rejects.toThrow('it took longer than its 1 s');
  expect(await local.invoke('next')).toBe('next');
});

it('reload: the invocation in flight ends with the old code, the next one has the new', async () => {
  const local = localFunction(`
    const gate = new BroadcastChannel('gate');
    export const handler = () => new Promise((resolve) => { gate.onmessage = () => resolve('old'); gate.postMessage('started'); });`);
  const gate = new BroadcastChannel('gate');
  onTestFinished(() => gate.close());
  const started = new Promise((resolve) => {
    gate.onmessage = resolve;
  });
  const inFlight = local.invoke({});
  await started;
  writeFileSync(file, `export const handler = async () => 'new';`);
  local.reload();
  expect(await local.invoke({})).toBe('new');
  gate.postMessage('end');
  expect(await inFlight).toBe('old');
});
