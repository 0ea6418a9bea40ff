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
    document.body.dataset.state = 'away';
    setText(this.#state, 'Not up to date');
    const figures = this.#lastFigures
      ? `These are the figures of ${formatTime(this.#lastFigures)}.`
      : 'There are no figures yet.';
    setText(this.#banner, `${reason} ${figures} This page keeps trying by itself.`);
  }
}
