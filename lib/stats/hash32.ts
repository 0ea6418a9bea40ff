/**
 * A hash of 32 bits: FNV-1a (Fowler, Noll, Vo) over UTF-16 code units, then the finalizer of MurmurHash3, as FNV-1a
 * mixes its low bits poorly. A tenth of the time of a SHA-256, but easy to collide on purpose: for what no one gains from.
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
