/**
 * Finds what the template has.
 *
 * @throws an error when it has not
 */
export function find<T extends Element>(root: ParentNode, selector: string, type: new () => T): T {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`The page has no ${type.name} ${selector}`);
}

/** Finds what holds a text. */
export const findText = (root: ParentNode, selector: string): HTMLElement => find(root, selector, HTMLElement);

/** Sets a text where it differs, so that screen readers and selections notice only changes. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** An element with what is in it. */
export function newElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  content: readonly (Node | string)[],
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.append(...content);
  return element;
}

/** A row of a table: its first cell names it. */
export function tableRow(head: string | Element, cells: readonly string[]): HTMLTableRowElement {
  const row = document.createElement('tr');
  const header = document.createElement('th');
  header.scope = 'row';
  header.append(head);
  row.append(header);
  for (const text of cells) row.insertCell().textContent = text;
  return row;
}
