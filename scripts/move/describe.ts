import type { Moved } from './move.ts';

/** The end of a move, in lines of text. */
export function describeMoved({ kind, parts }: Moved): string {
  const lines = parts.map(({ part, isEqual, detail }) => `${isEqual ? 'equal    ' : 'DIFFERENT'}  ${part}: ${detail}`);
  if (kind === 'changed') {
    const names = parts.map(({ part }) => part).join(', ');
    return `The source has changed during the move: ${names}. Stop the event source, then repeat the move by the same command`;
  }
  const isEqual = parts.every((part) => part.isEqual);
  return [
    ...lines,
    isEqual
      ? 'Both hold the same. Point REDIS_URL at the target, then start the event source'
      : 'The move is not complete: the target must not be used. Repeat the move; where the difference stays, run npm run verify on the source',
  ].join('\n');
}
