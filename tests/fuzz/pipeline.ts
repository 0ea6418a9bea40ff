import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The whole pipeline, as `npm start` runs it. */
export type Pipeline = {
  readonly apiUrl: string;
  /** What it has printed since it runs: errors of its functions. */
  output(): string;
  stop(): Promise<void>;
};

/**
 * Starts the pipeline with its sample orders, in a Redis of its own. It never outlives this process.
 *
 * @returns when the orders are counted
 * @throws an error with what it printed when it ends instead
 */
export async function startPipeline(): Promise<Pipeline> {
  const child = spawn('npm', ['start', '--silent'], {
    // A process group, so that a signal reaches all of it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, REDIS_URL: '' },
  });
  const interrupt = () => {
    if (child.pid) process.kill(-child.pid, 'SIGINT');
  };
  process.once('exit', interrupt);
  let output = '';
  const ended = once(child, 'close').then(() => {
    process.off('exit', interrupt);
  });
  const apiUrl = await new Promise<string>((resolve, reject) => {
    ended.then(() => reject(new Error(`npm start ended by itself:\n${output}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const [, url] = /^API (\S+) · /m.exec(output) ?? [];
        if (url) resolve(url);
      });
    }
  });
  output = '';
  return {
    apiUrl,
    output: () => output,
    async stop() {
      interrupt();
      await ended;
    },
  };
}
