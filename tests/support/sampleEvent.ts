import { readFileSync } from 'node:fs';

/** An event of the folder events/. */
export const sampleEvent = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8'));
