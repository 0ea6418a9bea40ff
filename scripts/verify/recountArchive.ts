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
 * Counts all that an archive holds, then what was added meanwhile, until that is nothing.
 *
 * @param show - called for every object
 * @throws a `CorruptObjectError`, or the error of S3 or of the connection
 */
export async function recountArchive(archive: Archive, units: Units, show: Show): Promise<Recount> {
  const recount = new Recount(units);
  const listing = new Listing(archive);
  for (let times = 0; times < LISTINGS && !listing.isComplete; times++) {
    await addObjects(recount, archive, listing.added(), show);
  }
  return recount;
}

/**
 * Counts the orders of archived objects, in the order of the objects.
 *
 * @param show - called for every object
 * @throws a `CorruptObjectError`, or the error of S3 or of the connection
 */
export async function addObjects(
  recount: Recount,
  archive: Archive,
  objects: AsyncIterable<ArchiveObject>,
  show: Show,
): Promise<void> {
  const read = async (object: ArchiveObject) => ({ file: object.key, lines: await archive.lines(object) });
  for await (const { file, lines } of pMapIterable(objects, read, { concurrency: READS_IN_FLIGHT })) {
    for (const [index, body] of lines.entries()) recount.add(body, { file, line: index + 1 });
    show(() => `counted ${recount.lines} lines`);
  }
}

/** Lists an archive again and again. */
class Listing {
  #from = 0;
  /** Keys from there on that were listed before. */
  #seen: ReadonlySet<string> = new Set();
  #isComplete = false;

  constructor(private readonly archive: Archive) {}

  /** Whether nothing was added between the last two listings. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Lists what was added since the last time; the first time, all. */
  async *added(): AsyncGenerator<ArchiveObject> {
    const seen = new Set<string>();
    let next: number | undefined;
    this.#isComplete = true;
    for await (const { objects, listedAt } of this.archive.list(this.#from)) {
      // Objects of earlier times have all been there.
      next ??= listedAt - MARGIN_MS;
      for (const object of objects) {
        if (object.time >= next) seen.add(object.key);
        if (this.#seen.has(object.key)) continue;
        this.#isComplete = false;
        yield object;
      }
    }
    this.#from = next ?? this.#from;
    this.#seen = seen;
  }
}
