import { find, findText, setText } from './dom.ts';
import { formatTime } from './format.ts';

/** Tells whether the figures are of now. */
export class Status {
  readonly #state = findText(document, '#state');
  readonly #time = find(document, '#time', HTMLTimeElement);
  readonly #banner = findText(document, '#banner');
  #lastFigures: Date | undefined;

  /** The figures were read just now. */
  live(): void {
    this.#lastFigures = new Date();
    document.body.dataset.state = 'live';
    setText(this.#state, 'Live');
    setText(this.#time, formatTime(this.#lastFigures));
    this.#time.dateTime = this.#lastFigures.toISOString();
    setText(this.#banner, '');
  }

  /** The figures could not be read. */
  away(reason: string): void {
    this.#outdated('away', 'Not up to date', `${reason} ${this.#figures()} This page keeps trying by itself.`);
  }

  /** The figures cannot be read without a key, or with the one that was given. */
  locked(isKeyRefused: boolean): void {
    const reason = isKeyRefused ? 'The API refuses this key.' : 'This API needs a key.';
    // Else the form says it all.
    const isNews = isKeyRefused || this.#lastFigures;
    this.#outdated('locked', 'No access', isNews ? `${reason} ${this.#figures()}` : '');
  }

  /** Another key was given. That the banner changes has screen readers tell of a second refusal too. */
  unlocking(): void {
    setText(this.#banner, 'Trying the key…');
  }

  #outdated(state: string, name: string, message: string): void {
    document.body.dataset.state = state;
    setText(this.#state, name);
    setText(this.#banner, message);
  }

  #figures(): string {
    return this.#lastFigures
      ? `These are the figures of ${formatTime(this.#lastFigures)}.`
      : 'There are no figures yet.';
  }
}
