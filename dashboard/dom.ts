import { UNKNOWN } from './format.ts';

/** @throws an error if the page has no such element */
export function find<T extends Element>(root: ParentNode, selector: string, type: new () => T): T {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`The page has no ${type.name} ${selector}`);
}

export const findText = (root: ParentNode, selector: string): HTMLElement => find(root, selector, HTMLElement);

/**
 * Leaves an equal text alone, so that screen readers and selections notice only changes. Screen readers do not read the
 * dash of a value that is not known.
 */
export function setText(element: Element, text: string): void {
  if (element.textContent === text) return;
  if (text !== UNKNOWN) {
    element.textContent = text;
    return;
  }
  const dash = newElement('span', [text]);
  dash.ariaHidden = 'true';
  element.replaceChildren(dash);
}

/** Makes a change, and moves the focus if what had it is not shown any more. @param next what may get it, best first */
export function keepFocus(change: () => void, next: () => readonly (HTMLElement | undefined)[]): void {
  const isShown = (element: Element | undefined) => element && element.getClientRects().length > 0;
  const focused = document.activeElement ?? undefined;
  change();
  if (focused !== document.body && !isShown(focused)) next().find(isShown)?.focus({ preventScroll: true });
}

export function newElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  content: readonly (Node | string)[],
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.append(...content);
  return element;
}

/** A table row whose first cell is its header. */
export function tableRow(head: string | Element, cells: readonly string[]): HTMLTableRowElement {
  const row = document.createElement('tr');
  const header = document.createElement('th');
  header.scope = 'row';
  header.append(head);
  row.append(header);
  for (const text of cells) row.insertCell().textContent = text;
  return row;
}

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/** Style attributes are forbidden by the Content-Security-Policy of the page: use classes. */
export function svg(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (Node | string)[]
): SVGElement {
  const element = document.createElementNS(SVG_NAMESPACE, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, `${value}`);
  element.append(...children);
  return element;
}
