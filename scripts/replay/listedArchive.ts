import { Archive, type ArchiveObject, type ArchivePage } from '../../lib/archive/archive.ts';
import { MARGIN_MS } from '../../lib/archive/replay.ts';

/**
 * An archive that knows which of its objects a replay has listed, so that the recount can take the same ones while a worker
 * adds others.
 */
export class ListedArchive extends Archive {
  /** The archive gets no more objects of an earlier time. In milliseconds since 1970. */
  #settledBefore: number | undefined;
  /** The keys of the others. */
  readonly #late = new Set<string>();

  override async *list(fromMs: number): AsyncGenerator<ArchivePage> {
    for await (const page of super.list(fromMs)) {
      this.#settledBefore ??= page.listedAt - MARGIN_MS;
      for (const { key, time } of page.objects) if (time >= this.#settledBefore) this.#late.add(key);
      yield page;
    }
  }

  /** All objects from the beginning, as far as they have been listed. Ends early when the signal fires. */
  async *listed(signal: AbortSignal): AsyncGenerator<ArchiveObject> {
    for await (const { objects } of super.list(0)) {
      if (signal.aborted) return;
      yield* objects.filter(({ key, time }) => time < (this.#settledBefore ?? 0) || this.#late.has(key));
    }
  }
}
