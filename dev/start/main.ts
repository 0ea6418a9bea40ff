import { NpmCommand } from '../../scripts/shared/npmCommand.ts';
import type { Code } from './bundles.ts';
import { type LocalPipeline, startLocalPipeline } from './pipeline.ts';

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
  return startLocalPipeline(options, code);
}
