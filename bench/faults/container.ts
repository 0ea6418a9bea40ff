import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as v from 'valibot';
import { type FaultProxy, startFaultProxy } from './faultProxy.ts';

/** A bundled handler, so that containers start fast. */
export type Bundle = { readonly program: string; readonly handler: string };

/** Bundles a module that exports `handler` into a folder. */
export async function bundleHandler(module: string, folder: string): Promise<Bundle> {
  await build({
    entryPoints: { program: join(import.meta.dirname, 'runContainer.ts'), handler: module },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    loader: { '.lua': 'text' },
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return { program: join(folder, 'program.cjs'), handler: join(folder, 'handler.cjs') };
}

/** The ids of the messages that a handler reported as failed; `all` if it threw or its answer is invalid. */
export type Answer = ReadonlySet<string> | 'all';

const Response = v.object({
  response: v.object({ batchItemFailures: v.array(v.object({ itemIdentifier: v.string() })) }),
});

/** A handler in its own process. Its connections to Redis can be interrupted. */
export class Container {
  isDead = false;

  private constructor(
    private readonly child: ChildProcess,
    /** Its way to Redis. */
    readonly proxy: FaultProxy,
  ) {
    child.once('exit', () => this.kill());
  }

  /** Resolves when the code is loaded. */
  static async start(
    { program, handler }: Bundle,
    redisPort: number,
    timeoutMs: number,
    environment: (redisUrl: string) => Readonly<Record<string, string>>,
  ): Promise<Container> {
    const proxy = await startFaultProxy(redisPort);
    const env = { ...process.env, ...environment(`redis://127.0.0.1:${proxy.port}`) };
    const child = fork(program, [handler, `${timeoutMs}`], {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await once(child, 'message');
    return new Container(child, proxy);
  }

  /** Sends it an event. @returns its answer; undefined if it dies first */
  async deliver(event: object): Promise<Answer | undefined> {
    const ended = new AbortController();
    const answer = once(this.child, 'message', { signal: ended.signal }).then(([message]) => message);
    const death = once(this.child, 'exit', { signal: ended.signal }).then(() => undefined);
    // The callback swallows the error of a child that dies right now: its exit event reports that.
    this.child.send(event, () => {});
    const message: unknown = await Promise.race([answer, death]);
    ended.abort();
    if (message === undefined) return undefined;
    const parsed = v.safeParse(Response, message);
    if (!parsed.success) return 'all';
    return new Set(parsed.output.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  kill(): void {
    this.isDead = true;
    this.child.kill('SIGKILL');
    this.proxy.stop();
  }
}
