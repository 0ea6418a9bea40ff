import type { Overview } from './api.ts';
import { find, findText, setText } from './dom.ts';
import { formatTime } from './format.ts';
import { titleState } from './title.ts';
import { type Level, VERDICTS } from './verdict.ts';

/** The top of the page: whether the pipeline is well, and whether the figures are up to date. */
export class Status {
  readonly #pill = findText(document, '#status');
  readonly #state = findText(document, '#state');
  readonly #time = find(document, '#time', HTMLTimeElement);
  readonly #banner = findText(document, '#banner');
  #lastFigures: Date | undefined;

  /** @param time of the figures */
  live(level: Level, time: Date): void {
    this.#lastFigures = time;
    setText(this.#time, formatTime(this.#lastFigures));
    this.#time.dateTime = this.#lastFigures.toISOString();
    this.#show('live', level, VERDICTS[level], '');
  }

  /** To be called if reading fails. @param level of the pipeline, if known */
  away(reason: string, level: Level | undefined): void {
    const message = `${reason} ${this.#figures()} This page keeps trying.`;
    this.#show('away', level, level === 'failing' ? VERDICTS[level] : 'Not up to date', message);
  }

  /** To be called if the API needs a key, or another key. */
  locked(isKeyRefused: boolean): void {
    const reason = isKeyRefused ? 'The API refuses this key.' : 'This API needs a key.';
    // At first, the form says enough.
    const isNews = isKeyRefused || this.#lastFigures;
    this.#show('locked', undefined, 'No access', isNews ? `${reason} ${this.#figures()}` : '');
  }

  /** To be called with a new key. The banner changes, so that screen readers also announce a second refusal. */
  unlocking(): void {
    setText(this.#banner, 'Trying the key…');
  }

  #show(state: string, level: Level | undefined, words: string, message: string): void {
    document.body.dataset.state = state;
    this.#pill.dataset.level = level ?? (state === 'away' ? 'attention' : 'unknown');
    setText(this.#state, words);
    setText(this.#banner, message);
    titleState(state === 'live' && level === 'well' ? '' : words);
  }

  #figures(): string {
    return this.#lastFigures ? `These figures are from ${formatTime(this.#lastFigures)}.` : 'There are no figures yet.';
  }
}

export function showStage({ stage, timeZone, currency }: Overview): void {
  setText(findText(document, '#stage'), stage);
  setText(findText(document, '#time-zone'), timeZone);
  setText(findText(document, '#currency'), currency);
  // On other stages nobody should send made-up orders.
  findText(document, '#empty-local').hidden = stage !== 'local';
  findText(document, '#empty-other').hidden = stage === 'local';
}
