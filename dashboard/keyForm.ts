import { find, findText } from './dom.ts';

/** Asks for a key of the API. */
export class KeyForm {
  readonly #section = findText(document, '#access');
  readonly #input = find(document, '#api-key', HTMLInputElement);
  #isWaiting = false;
  #isPageNew = true;

  constructor(onKey: (key: string) => void) {
    find(document, '#key-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      // The key before is still being tried.
      if (!this.#isWaiting) return;
      this.#isWaiting = false;
      onKey(this.#input.value.trim());
    });
  }

  /** Whether it was asked for a key, and none has been given since. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** @param isKeyRefused whether there was a key, and it was refused */
  ask(isKeyRefused: boolean): void {
    this.#isWaiting = true;
    this.#input.value = '';
    this.#input.setAttribute('aria-invalid', `${isKeyRefused}`);
    this.#section.hidden = false;
    // Later on it might take the focus away from what somebody is doing.
    if (this.#isPageNew) this.#input.focus();
    this.#isPageNew = false;
  }

  /** No key is needed, or the one that was given is not refused. */
  close(): void {
    this.#isPageNew = false;
    if (this.#section.hidden) return;
    const hadFocus = this.#section.contains(document.activeElement);
    this.#section.hidden = true;
    this.#input.value = '';
    if (hadFocus) findText(document, '#title').focus();
  }
}
