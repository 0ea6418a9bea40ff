import { find, findText, setText } from './dom.ts';
import { formatTime } from './format.ts';
import { type Level, VERDICTS } from './verdict.ts';

const TITLE = document.title;

/** Says, at the top of the page, whether the pipeline is well and whether the figures are of now. */
export class Status {
  readonly #pill = findText(document, '#status');
  readonly #state = findText(document, '#state');
  readonly #time = find(document, '#time', HTMLTimeElement);
  readonly #banner = findText(document, '#banner');
  #lastFigures: Date | undefined;

  /** The figures are of now. */
  live(level: Level): void {
    this.#lastFigures = new Date();
    setText(this.#time, formatTime(this.#lastFigures));
    this.#time.dateTime = this.#lastFigures.toISOString();
    this.#show('live', level, VERDICTS[level], '');
  }

  /** The figures could not be read. @param level of the pipeline, where it is known */
  away(reason: string, level: Level | undefined): void {
    const message = `${reason} ${this.#figures()} This page keeps trying.`;
    this.#show('away', level, level === 'failing' ? VERDICTS[level] : 'Not up to date', message);
  }

  /** The figures cannot be read without a key, or with the one that was given. */
  locked(isKeyRefused: boolean): void {
    const reason = isKeyRefused ? 'The API refuses this key.' : 'This API needs a key.';
    // Else the form says it all.
    const isNews = isKeyRefused || this.#lastFigures;
    this.#show('locked', undefined, 'No access', isNews ? `${reason} ${this.#figures()}` : '');
  }

  /** Another key was given. That the banner changes has screen readers tell of a second refusal too. */
  unlocking(): void {
    setText(this.#banner, 'Trying the key…');
  }

  #show(state: string, level: Level | undefined, words: string, message: string): void {
    document.body.dataset.state = state;
    this.#pill.dataset.level = level ?? (state === 'away' ? 'attention' : 'unknown');
    setText(this.#state, words);
    setText(this.#banner, message);
    // In the tab, for those who look at another one.
    document.title = state === 'live' && level === 'well' ? TITLE : `${words} · ${TITLE}`;
  }

  #figures(): string {
    return this.#lastFigures
      ? `These are the figures of ${formatTime(this.#lastFigures)}.`
      : 'There are no figures yet.';
  }
}
