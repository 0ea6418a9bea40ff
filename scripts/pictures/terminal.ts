/** Control sequences that move the cursor, clear or colour; other characters stand for themselves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
const TOKENS = /\x1b\[([?\d;]*)([A-Za-z])|\x1b[=>78]|[\r\n\b]|[^\x1b\r\n\b]+/g;

/** What a terminal shows of what programs write: as much of it as progress bars and lines that are rewritten need. */
export class Terminal {
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  /** The lines, the last ones where there are more. */
  screen(rows: number): string[] {
    const end = this.#lines.findLastIndex((line) => line.trim() !== '') + 1;
    return this.#lines.slice(Math.max(0, end - rows), end);
  }

  /** All that is on it. */
  get text(): string {
    return this.#lines.join('\n');
  }

  write(text: string): void {
    for (const [token, parameter = '', command] of text.matchAll(TOKENS)) {
      if (command) this.#control(command, Number(parameter || '1'));
      else if (token === '\r') this.#column = 0;
      else if (token === '\b') this.#column = Math.max(0, this.#column - 1);
      else if (token === '\n') [this.#row, this.#column] = [this.#rowAt(this.#row + 1), 0];
      else if (!token.startsWith('\x1b')) this.#print(token);
    }
  }

  #control(command: string, count: number): void {
    const line = this.#lines[this.#row] ?? '';
    if (command === 'A') this.#row = Math.max(0, this.#row - count);
    else if (command === 'B') this.#row = this.#rowAt(this.#row + count);
    else if (command === 'G') this.#column = count - 1;
    else if (command === 'K') this.#lines[this.#row] = line.slice(0, this.#column);
    else if (command === 'J') this.#lines = [...this.#lines.slice(0, this.#row), line.slice(0, this.#column)];
  }

  #print(text: string): void {
    const line = (this.#lines[this.#row] ?? '').padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + text + line.slice(this.#column + text.length);
    this.#column += text.length;
  }

  /** Has that many lines. */
  #rowAt(row: number): number {
    while (this.#lines.length <= row) this.#lines.push('');
    return row;
  }
}
