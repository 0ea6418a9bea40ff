import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeFileError } from '../populate/source.ts';
import { readMessages } from '../shared/readFile.ts';
import { Recount } from './recount.ts';

/**
 * Counts the messages of files, one after the other.
 *
 * @param show - called for every message
 * @throws an error that says which file cannot be read to its end, and why: half a file is nothing to compare with
 */
export async function recountFiles(
  paths: readonly string[],
  timeZone: string,
  show: (describe: () => string) => void,
): Promise<Recount> {
  const recount = new Recount(timeZone);
  for (const path of paths) {
    const fail = (error: unknown) => new Error(describeFileError(path, error), { cause: error });
    const file = await open(path).catch((error: unknown) => Promise.reject(fail(error)));
    const failures: Error[] = [];
    const name = basename(path);
    const messages = readMessages(file, path.endsWith('.gz'), {
      onBytes() {},
      onMalformed: (line, what) => recount.reject({ file: name, line }, `it is ${what}`),
      onFailure: (error) => failures.push(fail(error)),
    });
    for await (const { number, body } of messages) {
      recount.add(body, { file: name, line: number });
      show(() => `counted ${recount.lines} lines`);
    }
    const [failure] = failures;
    if (failure) throw failure;
  }
  return recount;
}
