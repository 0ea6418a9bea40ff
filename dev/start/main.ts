import { NpmCommand } from '../../scripts/shared/npmCommand.ts';
import { bundleFunctions, type Code } from './bundles.ts';
import { readService } from './configuration.ts';
import type { LocalPipeline } from './pipeline.ts';

const STAGE = 'local';

const collect = (value: string, others: readonly string[]): string[] => [...others, value];

/**
 * Starts the local pipeline with the options of the command line.
 *
 * @returns when everything runs; the sample orders are sent in the background
 * @throws an error that says what to do when a part cannot be started, or a setting is invalid
 */
export async function startPipeline(code: Code): Promise<LocalPipeline> {
  const options = new NpmCommand()
    .name('npm start --')
    .description('Runs the whole pipeline on this machine.')
    .option('--httpPort <port>', 'port of the API (default: 3000, or the next free one)')
    .option('--param <name=value>', 'sets a parameter of serverless.yml', collect, [])
    .parse()
    .opts<{ httpPort?: string; param: string[] }>();
  const service = await readService(STAGE, options.param);
  const sources = Object.values(service.functions).map(({ handler }) => handler.source);
  const bundles = bundleFunctions(sources, code);
  // Loaded while esbuild, another process, bundles the functions.
  const { startLocalPipeline } = await import('./pipeline.ts');
  return startLocalPipeline(service, bundles, options.httpPort);
}
