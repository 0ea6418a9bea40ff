import { type Address, ALL, isRecent } from './address.ts';
import { formatRange } from './format.ts';

const NAME = document.title;

let state = '';
let place = '';

/** Says in the title that something is not well, so that it is visible from other tabs. */
export function titleState(words: string): void {
  state = words;
  show();
}

/** Names in the title what the address shows, for the history and bookmarks of the browser. */
export function titlePlace({ userId, choice, problem }: Address): void {
  const names = [userId === undefined ? '' : `User ${userId}`, choice ? nameOf(choice) : ''];
  place = problem === undefined ? names.filter(Boolean).join(', ') : 'Unknown address';
  show();
}

function nameOf(choice: NonNullable<Address['choice']>): string {
  if (choice === ALL) return 'All months';
  return isRecent(choice) ? `Last ${choice.count} ${choice.unit}s` : formatRange(choice);
}

function show(): void {
  document.title = [state, place, NAME].filter(Boolean).join(' · ');
}
