import { pMapIterable } from 'p-map';
import type { Archive, ArchiveObject } from '../../lib/archive/archive.ts';
import { MARGIN_MS } from '../../lib/archive/replay.ts';
import type { Units } from '../../lib/config.ts';
import type { Show } from '../shared/progress.ts';
import { Recount } from './recount.ts';

/** Objects that are read at once. */
const READS_IN_FLIGHT = 8;
/** How often the archive is listed for what was added meanwhile. Each time takes a small part of the time before. */
const LISTINGS = 5;

/**
 * Counts the orders of archived objects, in the order in which they come.
 *
 * @param show - called for every object
 * @throws a `CorruptObjectError`, or the error of S3 or of the connection
 */
export async function recountArchive(
  archive: Archive,
  objects: AsyncIterable<ArchiveObject>,
  units: Units,
  show: Show,
): Promise<Recount> {
  const recount = new Recount(units);
  const read = async (object: ArchiveObject) => ({ file: object.key, lines: await archive.lines(object) });
  for await (const { file, lines } of pMapIterable(objects, read, { concurrency: READS_IN_FLIGHT })) {
    for (const [index, body] of lines.entries()) recount.add(body, { file, line: index + 1 });
    show(() => `counted ${recount.lines} lines`);
  }
  return recount;
}

/** Lists all objects, then those that were added meanwhile, until there are none. */
export async function* untilNow(archive: Archive): AsyncGenerator<ArchiveObject> {
  let from = 0;
  let late: ReadonlySet<string> = new Set();
  for (let listing = 0, added = 1; listing < LISTINGS && added > 0; listing++) {
    const before = late;
    const seen = new Set<string>();
    let next: number | undefined;
    added = 0;
    for await (const { objects, listedAt } of archive.list(from)) {
      next ??= listedAt - MARGIN_MS;
      for (const object of objects) {
        if (object.time >= next) seen.add(object.key);
        if (before.has(object.key)) continue;
        added++;
        yield object;
      }
    }
    from = next ?? from;
    late = seen;
  }
}
