import Table from 'cli-table3';

/** Columns that the last cell always gets: a narrower terminal breaks the lines. */
const LEAST = 20;
/** A border, and a space on both sides of a cell. */
const AROUND = 3;

/**
 * A table whose last column is wrapped so that it fits the terminal.
 *
 * @param width - columns of the terminal; undefined: lines may be of any length
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string {
  const last = head.length - 1;
  const others = head.slice(0, last).map((title, column) => {
    return AROUND - 1 + rows.reduce((most, row) => Math.max(most, (row[column] ?? '').length), title.length);
  });
  const left = (width ?? Number.POSITIVE_INFINITY) - others.reduce((sum, columns) => sum + columns + 1, 0) - AROUND - 1;
  const room = Math.max(left, LEAST);
  const text = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) text.push([...row.slice(0, last), wrap(row[last] ?? '', room)]);
  return text.toString();
}

/** Breaks a text into lines. Cuts a word that is too long for a line, for example an order id. */
function wrap(text: string, room: number): string {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room);
    lines.push(rest.slice(0, space > 0 ? space : room));
    rest = rest.slice(space > 0 ? space + 1 : room);
  }
  return [...lines, rest].join('\n');
}
